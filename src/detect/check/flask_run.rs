//! The debugger of Flask's own server, which runs any Python that a visitor sends.

use super::Context;
use crate::detect::Match;
use crate::detect::syntax::Entry;
use crate::rule::Level;

/// Frameworks whose `run(debug=True)` is another thing.
const OTHERS: [&str; 12] = [
    "asyncio", "uvicorn", "anyio", "trio", "sanic", "quart", "bottle", "aiohttp", "fastapi",
    "discord", "nicegui", "tornado",
];

/// Reports `app.run(debug=True)` of a Flask app.
pub(super) fn debug(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_flask = imports_flask(context);
    let imports_other = imports(context, &OTHERS);
    for entry in context.named() {
        let callee = entry.key.split(".run").next().unwrap_or_default();
        let root = callee.split('.').next().unwrap_or_default();
        let is_app = callee.ends_with("app")
            || callee.ends_with("application")
            || callee.ends_with("socketio");
        let is_made = callee.contains("flask.Flask()")
            || callee.contains("create_app()")
            || callee.contains("connexion")
            || callee.contains("dash.Dash()");
        let is_other =
            OTHERS.contains(&root) || callee.contains("argparse") || callee.contains("subprocess");
        if is_made || !is_other && (is_flask || is_app && !imports_other) {
            let mut found = context.report(entry);
            if served_by_another(context) || entry.key.ends_with("(default)") {
                found.level = found.level.min(Level::Warn);
            }
            matches.push(found);
        }
    }
}

/// Reports one call that listens on every address with the debugger on.
pub(super) fn on_every_address(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_open = |entry: &&Entry| {
        (entry.key.ends_with("(host)") || entry.key.ends_with(".run(0)"))
            && ["0.0.0.0", "::"].contains(&entry.value.as_str())
    };
    let hosts: Vec<&Entry> = context.document.entries.iter().filter(is_open).collect();
    if hosts.is_empty() || !imports_flask(context) && imports(context, &OTHERS) {
        return;
    }
    let calls = context
        .document
        .entries
        .iter()
        .filter(|entry| entry.key.ends_with("()"));
    let calls: Vec<&Entry> = calls.filter(|call| call.key.ends_with(".run()")).collect();
    for entry in context.named() {
        let at = entry.value_span.start;
        // Calls are in order of place: the last that starts before the argument is the one around it.
        let around = calls.partition_point(|call| call.value_span.start < at);
        let Some(call) = around.checked_sub(1).map(|last| calls[last]) else {
            continue;
        };
        let host = hosts.partition_point(|host| host.value_span.start < call.value_span.start);
        if call.value_span.end > at
            && hosts
                .get(host)
                .is_some_and(|host| host.value_span.end <= call.value_span.end)
        {
            matches.push(context.report(entry));
        }
    }
}

/// Reports what the rule names in files of Flask.
pub(super) fn of_flask(context: &Context<'_>, matches: &mut Vec<Match>) {
    if imports_flask(context) {
        matches.extend(context.named().map(|entry| context.report(entry)));
    }
}

fn imports_flask(context: &Context<'_>) -> bool {
    imports(
        context,
        &["flask", "flask_socketio", "flask_cors", "connexion", "dash"],
    )
}

fn imports(context: &Context<'_>, packages: &[&str]) -> bool {
    context.document.entries.iter().any(|entry| {
        let package = entry.value.split('.').next().unwrap_or_default();
        entry.key == "import" && packages.contains(&package)
    })
}

/// Tells whether the file is a module that another server imports, so that its `__main__` never runs there.
fn served_by_another(context: &Context<'_>) -> bool {
    let path = context
        .text
        .path
        .map(ToString::to_string)
        .unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    ["wsgi.py", "asgi.py", "passenger_wsgi.py"].contains(&name)
}

//! Mending Python by its tree: an argument leaves its call, and what the new text needs is imported.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, walk_expr};
use ruff_python_ast::{Arguments, Expr, Stmt};

use super::{BROKEN, Edit, NONE, Unsafe, edits as plain, line_end, replaced};
use crate::detect::syntax::python::{Module, span};
use crate::rule::Mend;
use crate::span::{Span, line_start};

const COMMENT: Unsafe = "a comment stands between the arguments of the call";
const NAMED: Unsafe = "the name of the module that the fix needs is taken";
const NO_PLACE: Unsafe = "there is no line for an import";

/// Returns the edits that mend the value at `value`.
pub(super) fn edits(bytes: &[u8], value: Span, mend: &Mend) -> Result<Vec<Edit>, Unsafe> {
    if mend.package.is_some() {
        return plain(bytes, b"setup.py".into(), value, mend);
    }
    let text = mend.replace.as_deref().ok_or(NONE)?;
    // Positions of a text that is not UTF-8 hold, since the module's source is as long.
    let module = Module::parse(bytes);
    if module.document().broken {
        return Err(BROKEN);
    }
    let argument = mend
        .drop_argument
        .then(|| argument(&module, value))
        .flatten();
    if let Some(call) = argument {
        return Ok(vec![without(bytes, &call)?]);
    }
    let mut edits = Vec::new();
    if let Some(name) = &mend.import
        && !text.chars().all(char::is_alphanumeric)
    {
        edits.extend(import(bytes, module.body(), name, value)?);
    }
    edits.push(replaced(bytes, value, text));
    Ok(edits)
}

/// An argument of a call, and those around it.
struct Argument {
    whole: Span,
    before: Option<Span>,
    after: Option<Span>,
}

/// Returns the keyword argument whose value stands there.
fn argument(module: &Module<'_>, value: Span) -> Option<Argument> {
    let mut finder = Finder { value, found: None };
    module.walk(|| finder.visit_body(module.body()));
    finder.found
}

struct Finder {
    value: Span,
    found: Option<Argument>,
}

impl<'a> SourceOrderVisitor<'a> for Finder {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            self.look(&call.arguments);
        }
        walk_expr(self, expr);
    }
}

impl Finder {
    fn look(&mut self, arguments: &Arguments) {
        let is_it = |keyword: &&ruff_python_ast::Keyword| {
            keyword.arg.is_some() && span(&keyword.value) == self.value
        };
        let Some(keyword) = arguments.keywords.iter().find(is_it) else {
            return;
        };
        let whole = span(keyword);
        let mut all: Vec<Span> = arguments.args.iter().map(span).collect();
        all.extend(arguments.keywords.iter().map(span));
        all.sort_unstable();
        let at = all
            .iter()
            .position(|&one| one == whole)
            .expect("one of them");
        self.found = Some(Argument {
            whole,
            before: at.checked_sub(1).map(|before| all[before]),
            after: all.get(at + 1).copied(),
        });
    }
}

/// Returns the edit that takes an argument out: with its line where it has one for itself, else with one comma.
fn without(bytes: &[u8], call: &Argument) -> Result<Edit, Unsafe> {
    let whole = call.whole;
    let start = line_start(bytes, whole.start);
    let end = memchr::memchr(b'\n', &bytes[whole.end..]).map(|at| whole.end + at + 1);
    if let Some(end) = end
        && bytes[start..whole.start]
            .iter()
            .all(u8::is_ascii_whitespace)
    {
        let rest = bytes[whole.end..end].trim_ascii_start();
        let rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
        if rest.is_empty() || rest.starts_with(b"#") {
            return Ok(edit(Span::new(start, end)));
        }
    }
    let gone = match (call.before, call.after) {
        (Some(before), _) => Span::new(before.end, whole.end),
        (None, Some(after)) => Span::new(whole.start, after.start),
        (None, None) => whole,
    };
    // Brackets around the neighbour are not part of it: a closing one would go, too.
    let between = Span::new(gone.start.min(whole.start), whole.start);
    let behind = Span::new(whole.end, gone.end.max(whole.end));
    let plain = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
    if between.of(bytes).iter().chain(behind.of(bytes)).all(plain) {
        Ok(edit(gone))
    } else {
        Err(COMMENT)
    }
}

fn edit(span: Span) -> Edit {
    Edit {
        span,
        text: String::new(),
    }
}

/// Returns the edit that imports a module, or none where it is imported above the value.
fn import(bytes: &[u8], body: &[Stmt], name: &str, value: Span) -> Result<Option<Edit>, Unsafe> {
    let above = || {
        body.iter()
            .take_while(|statement| span(*statement).start < value.start)
    };
    if above().any(|statement| imports(statement, name)) {
        return Ok(None);
    }
    if body.iter().any(|statement| binds(statement, name)) {
        return Err(NAMED);
    }
    let is_head = |statement: &&Stmt| match statement {
        Stmt::Expr(expr) => expr.value.is_string_literal_expr(),
        Stmt::ImportFrom(import) => import.module.as_deref() == Some("__future__"),
        _ => false,
    };
    let is_import = |statement: &&Stmt| matches!(statement, Stmt::Import(_) | Stmt::ImportFrom(_));
    let mut rest = above().skip_while(is_head);
    let first = rest.clone().next().ok_or(NO_PLACE)?;
    let place = rest.find(is_import);
    let at = span(place.unwrap_or(first)).start;
    let before = &bytes[line_start(bytes, at)..at];
    if !before.is_empty() && before != b"\xef\xbb\xbf" {
        return Err(NO_PLACE);
    }
    let end = line_end(bytes);
    let gap = if place.is_some() { "" } else { end };
    Ok(Some(Edit {
        span: Span::new(at, at),
        text: format!("import {name}{end}{gap}"),
    }))
}

/// Tells whether the statement binds the module's own name to it.
fn imports(statement: &Stmt, name: &str) -> bool {
    let Stmt::Import(import) = statement else {
        return false;
    };
    import.names.iter().any(|alias| {
        let module = alias.name.as_str();
        match &alias.asname {
            Some(asname) => module == name && asname.as_str() == name,
            None => module.split('.').next() == Some(name),
        }
    })
}

/// Tells whether the statement gives the name to something else.
fn binds(statement: &Stmt, name: &str) -> bool {
    let is_name = |target: &Expr| {
        target
            .as_name_expr()
            .is_some_and(|one| one.id.as_str() == name)
    };
    match statement {
        Stmt::Import(import) => import.names.iter().any(|alias| {
            alias
                .asname
                .as_ref()
                .is_some_and(|asname| asname.as_str() == name)
        }),
        Stmt::ImportFrom(import) => import.names.iter().any(|alias| {
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            bound.as_str() == name
        }),
        Stmt::Assign(assign) => assign.targets.iter().any(is_name),
        Stmt::AnnAssign(assign) => is_name(&assign.target),
        Stmt::FunctionDef(function) => function.name.as_str() == name,
        Stmt::ClassDef(class) => class.name.as_str() == name,
        _ => false,
    }
}

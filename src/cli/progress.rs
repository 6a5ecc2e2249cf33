//! How far a long scan is, on a line of the terminal that is gone when the scan ends.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Global, output};
use crate::source::history::Progress;

/// A run that is over by then shows nothing.
const MOMENT: Duration = Duration::from_millis(500);
/// How often the line is drawn.
const PACE: Duration = Duration::from_millis(100);
/// How wide the bar is.
const BAR: usize = 30;

/// The line, until it is dropped.
pub(super) struct Line {
    end: Option<Sender<()>>,
    drawer: Option<JoinHandle<()>>,
}

impl Line {
    /// Shows how far the scan is, where somebody looks: on a terminal, outside of CI, unless less is wanted.
    pub(super) fn show(global: &Global, progress: Arc<Progress>) -> Self {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_wanted = std::io::stderr().is_terminal()
            && global.quiet == 0
            && !["CI", "NO_PROGRESS"].into_iter().any(is_set);
        if !is_wanted {
            return Line {
                end: None,
                drawer: None,
            };
        }
        let unicode = output::look(global).unicode;
        let (end, ended) = channel();
        Line {
            end: Some(end),
            drawer: Some(std::thread::spawn(move || draw(&progress, unicode, &ended))),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(drawer) = self.drawer.take() {
            // It only draws.
            let _ = drawer.join();
        }
    }
}

fn draw(progress: &Progress, unicode: bool, ended: &Receiver<()>) {
    let began = Instant::now();
    let mut scanning = None;
    let mut is_drawn = false;
    while ended.recv_timeout(PACE) == Err(RecvTimeoutError::Timeout) {
        let blobs = progress.blobs();
        if blobs.is_some() && scanning.is_none() {
            scanning = Some(Instant::now());
        }
        if began.elapsed() < MOMENT {
            continue;
        }
        let spent = scanning.map_or(Duration::ZERO, |since: Instant| since.elapsed());
        let width = terminal_size::terminal_size_of(std::io::stderr())
            .map_or(80, |(width, _)| usize::from(width.0));
        let text: String = text(progress, spent, unicode)
            .chars()
            .take(width.saturating_sub(1))
            .collect();
        is_drawn = true;
        // A terminal that is gone shows nothing.
        let _ = write!(std::io::stderr(), "\r{text}\x1b[K");
        let _ = std::io::stderr().flush();
    }
    if is_drawn {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

/// Returns the line: how much is done, of how much, and how long the rest may take.
fn text(progress: &Progress, spent: Duration, unicode: bool) -> String {
    if progress.is_stopped() {
        return "  stopping; once more ends at once".to_owned();
    }
    let Some((done, total)) = progress.blobs() else {
        return "  reading commits and trees".to_owned();
    };
    if done == total {
        return "  following what was found through the commits".to_owned();
    }
    let hundred = done * 100 / total;
    let full = usize::try_from(done * BAR as u64 / total).unwrap_or(BAR);
    let (on, head, off) = if unicode {
        ("━", "╸", "─")
    } else {
        ("#", ">", "-")
    };
    let bar = on.repeat(full) + head + &off.repeat(BAR - full);
    let mut text = format!(
        "  scanning {bar} {hundred:3} %  {} of {} blobs",
        grouped(done),
        grouped(total)
    );
    // The first blobs say little.
    if hundred >= 3 && spent >= MOMENT {
        let left = spent.as_millis() * u128::from(total - done) / u128::from(done) / 1000;
        let (left, unit) = match left {
            0..100 => (left + 1, "s"),
            _ => (left / 60 + 1, "min"),
        };
        // Writing to memory does not fail.
        let _ = write!(text, "  {left} {unit} left");
    }
    text
}

/// Returns a number with its digits in threes.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_stand_in_threes() {
        let grouped: Vec<String> = [0, 999, 1000, 48_210, 1_234_567].map(grouped).into();
        assert_eq!(grouped, ["0", "999", "1 000", "48 210", "1 234 567"]);
    }
}

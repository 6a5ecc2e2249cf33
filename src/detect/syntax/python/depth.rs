//! How deep a Python text nests, found in one pass without recursion, before anything that recurses reads it.
//!
//! `CPython` refuses 200 open brackets and 100 levels of indentation; a parser that does not would use stack and
//! memory without bound on a line of a million `(` or `not`.

/// Brackets open at once that `CPython` takes (`MAXLEVEL` in its tokenizer).
const BRACKETS: usize = 200;
/// Levels of indentation that `CPython` takes (`MAXINDENT`).
const INDENTS: usize = 100;
/// Tokens without a comma between them, over all open brackets: what a chain of operators can nest.
const TOKENS: usize = 6000;

/// What a byte is part of.
#[derive(Clone, Copy)]
enum Frame {
    /// An open bracket, with the tokens since its last comma.
    Bracket(usize),
    /// A replacement field of an f-string.
    Field(usize),
    /// The format behind the colon of a field.
    Format,
    /// The text of an f-string.
    Text { quote: u8, triple: bool },
}

/// Returns a bound on the depth of the tree that the text makes, or `None` where it nests too deep to be read.
pub(super) fn of(text: &[u8]) -> Option<usize> {
    let mut scan = Scan {
        text,
        at: 0,
        frames: Vec::new(),
        here: 0,
        sum: 0,
        deepest: 0,
        brackets: 0,
        indents: Vec::new(),
    };
    while scan.at < text.len() {
        scan.step();
        if scan.sum + scan.here > TOKENS || scan.brackets > BRACKETS || scan.indents.len() > INDENTS
        {
            return None;
        }
        scan.deepest = scan
            .deepest
            .max(scan.sum + scan.here)
            .max(scan.brackets + scan.indents.len());
    }
    Some(scan.deepest)
}

struct Scan<'t> {
    text: &'t [u8],
    at: usize,
    frames: Vec<Frame>,
    /// Tokens since the last comma or line at this level.
    here: usize,
    /// The same, of all levels around it.
    sum: usize,
    deepest: usize,
    brackets: usize,
    indents: Vec<usize>,
}

impl Scan<'_> {
    fn step(&mut self) {
        match self.frames.last().copied() {
            Some(Frame::Text { quote, triple }) => self.f_string(quote, triple),
            Some(Frame::Format) => self.format(),
            _ => self.code(),
        }
    }

    fn code(&mut self) {
        let byte = self.text[self.at];
        self.at += 1;
        match byte {
            b' ' | b'\t' | b'\r' | b'\x0c' => {}
            b'\\' => self.at += 1,
            b'\n' => self.line(),
            b'#' => self.skip_to_line_end(),
            b'(' | b'[' | b'{' => self.open(Frame::Bracket(self.here)),
            b')' | b']' | b'}' => self.close(),
            b',' | b';' => self.here = 0,
            b':' if matches!(self.frames.last(), Some(Frame::Field(_))) => {
                self.frames.push(Frame::Format);
            }
            b'\'' | b'"' => self.string(byte, self.at - 1),
            _ if is_word(byte) => {
                let start = self.at - 1;
                while self.text.get(self.at).is_some_and(|&b| is_word(b)) {
                    self.at += 1;
                }
                match self.text.get(self.at) {
                    Some(&quote @ (b'\'' | b'"')) if self.at - start <= 2 => {
                        self.at += 1;
                        self.string(quote, start);
                    }
                    _ => self.here += 1,
                }
            }
            _ => self.here += 1,
        }
    }

    fn line(&mut self) {
        if !self.frames.is_empty() {
            return;
        }
        self.here = 0;
        let indent = self.text[self.at..]
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t' | b'\x0c'))
            .count();
        match self.text.get(self.at + indent) {
            None | Some(b'\n' | b'\r' | b'#') => {}
            Some(_) => {
                while self.indents.last().is_some_and(|&last| last >= indent) {
                    self.indents.pop();
                }
                if indent > 0 {
                    self.indents.push(indent);
                }
            }
        }
        self.at += indent;
    }

    fn skip_to_line_end(&mut self) {
        self.at +=
            memchr::memchr(b'\n', &self.text[self.at..]).unwrap_or(self.text.len() - self.at);
    }

    fn open(&mut self, frame: Frame) {
        self.frames.push(frame);
        self.sum += self.here + 1;
        self.here = 0;
        self.brackets += 1;
    }

    fn close(&mut self) {
        if let Some(Frame::Bracket(before) | Frame::Field(before)) = self.frames.last().copied() {
            self.frames.pop();
            self.sum -= before + 1;
            self.here = before + 1;
            self.brackets -= 1;
        }
    }

    /// Passes a string whose first quote is just behind; `start` is where its prefix starts.
    fn string(&mut self, quote: u8, start: usize) {
        let prefix = &self.text[start..self.at - 1];
        let triple = self.text[self.at..].starts_with(&[quote, quote]);
        if triple {
            self.at += 2;
        }
        if prefix
            .iter()
            .any(|b| matches!(b, b'f' | b'F' | b't' | b'T'))
        {
            self.frames.push(Frame::Text { quote, triple });
            return;
        }
        while !self.ends(quote, triple) {
            self.at += 1;
        }
    }

    /// Tells whether a string ends here, and passes its end; passes the first byte of an escape.
    fn ends(&mut self, quote: u8, triple: bool) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match rest {
            [] => true,
            [b'\\', ..] => {
                self.at += 1;
                false
            }
            [b'\n', ..] if !triple => true,
            [a, b, c, ..] if triple && [*a, *b, *c] == [quote; 3] => {
                self.at += 3;
                true
            }
            [first, ..] if !triple && *first == quote => {
                self.at += 1;
                true
            }
            _ => false,
        }
    }

    fn f_string(&mut self, quote: u8, triple: bool) {
        let before = self.at;
        if self.ends(quote, triple) {
            self.frames.pop();
            return;
        }
        let escaped = self.at > before;
        let rest = self.text.get(self.at..).unwrap_or_default();
        match rest {
            [b'{', b'{', ..] => self.at += 2,
            [b'{', ..] if !escaped => {
                self.at += 1;
                self.open(Frame::Field(self.here));
            }
            // A backslash does not keep a brace from opening a field.
            [b'{', ..] => {}
            _ => self.at += 1,
        }
    }

    fn format(&mut self) {
        let byte = self.text[self.at];
        match byte {
            b'{' => {
                self.at += 1;
                self.open(Frame::Field(self.here));
            }
            b'}' => {
                self.at += 1;
                self.frames.pop();
                self.close();
            }
            b'\n' => {
                self.at += 1;
                self.frames.pop();
            }
            _ => self.at += 1,
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

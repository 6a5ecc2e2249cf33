//! The engine as a library: bytes in, findings out, with no file, no repository and no clock.
//!
//! `cargo run --example scan_bytes -- app.env <app.env`

use std::io::{Read as _, Write as _};

use guard::blob::{Blob, Provenance, Regions};
use guard::detect::Engine;
use guard::rule::Rules;
use guard::scan::findings;

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1);
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let engine = Engine::new(Rules::builtin());
    let blob = Blob {
        bytes: &bytes,
        provenance: Provenance {
            path: path.map(Into::into),
            ..Provenance::default()
        },
        regions: Regions::Whole,
        inherited: Vec::new(),
    };
    let mut out = std::io::stdout().lock();
    for (finding, _) in findings(&engine, &blob) {
        let (line, column) = (finding.start.line, finding.start.column);
        let (rule, title, mask) = (&finding.rule_id, &finding.title, &finding.mask);
        writeln!(out, "{line}:{column}: {rule}: {title}: {mask}")?;
    }
    Ok(())
}

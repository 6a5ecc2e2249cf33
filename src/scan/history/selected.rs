//! What some commits bring in, of all that the history holds.

use super::gather::{Gathered, Value};
use super::{Found, Holds, Job, paths};
use crate::blob::{ObjectId, Origin};
use crate::source::history::select::Selection;
use crate::source::history::{Moment, Spot, ages};
use crate::source::{Coverage, SourceError};

impl Job<'_> {
    /// Returns what the selected commits bring in, each value where they bring it first.
    pub(super) fn selected(
        &self,
        found: &Found,
        selection: &Selection,
        coverage: &mut Coverage,
    ) -> Result<Vec<Value>, SourceError> {
        let Gathered { values, holds, .. } = &found.gathered;
        let is_file = |value: u32| values[value as usize].finding.provenance.origin == Origin::File;
        let (held, mut saying): (Holds, Holds) =
            holds.iter().partition(|&&(_, value)| is_file(value));
        let mut spots: Vec<Vec<Spot>> = vec![Vec::new(); values.len()];
        for (value, spot) in self.brought(found, &held, selection, coverage)? {
            if paths::stands_at(&values[value as usize], &spot.path) {
                spots[value as usize].push(spot);
            }
        }
        saying.retain(|(id, _)| !selection.is_about_paths() && selection.has(id));
        let ids: Vec<ObjectId> = saying.iter().map(|&(id, _)| id).collect();
        let ages = if self.history.is_read() {
            self.history.ages(&ids)
        } else {
            ages(self.git, &ids, &found.late)?
        };
        let mut selected: Vec<Value> = Vec::new();
        for (number, value) in (0..).zip(values) {
            let mut value = value.clone();
            value.said = None;
            let said = saying.iter().filter(|&&(_, said)| said == number);
            for &(commit_id, _) in said {
                if let Some(&age) = ages.get(&commit_id) {
                    value.say(Moment { age, commit_id });
                }
            }
            value.trace.spots = std::mem::take(&mut spots[number as usize]);
            if value.said.is_some() || !value.trace.spots.is_empty() {
                selected.push(value);
            }
        }
        Ok(selected)
    }

    /// Returns where the selected commits bring in what these blobs hold, the oldest first.
    fn brought(
        &self,
        found: &Found,
        held: &Holds,
        selection: &Selection,
        coverage: &mut Coverage,
    ) -> Result<Vec<(u32, Spot)>, SourceError> {
        if !self.history.is_read() {
            if let Some(brought) = selection.brought(self.git, held, &found.late)? {
                return Ok(brought);
            }
            let graph = self.history.read_graph()?;
            coverage.unread.extend(graph.unread);
        }
        let mut brought: Vec<(u32, Spot)> = Vec::new();
        let count = found.gathered.values.len();
        self.history.traces(held, count, &mut |value, spot| {
            if selection.has(&spot.first.commit_id) {
                brought.push((value, spot.clone()));
            }
        });
        selection.keep(self.git, &mut brought)?;
        Ok(brought)
    }
}

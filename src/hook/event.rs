//! An event is a moment at which git runs a hook.

use std::fmt;

/// A moment at which git runs a hook that `guard` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// Before a commit is made.
    PreCommit,
    /// Before a merge without conflict is made: git runs no pre-commit then.
    PreMergeCommit,
    /// Before a commit is made, with its message.
    CommitMsg,
    /// Before anything is sent to another repository.
    PrePush,
    /// After a commit was made: tells of commits that went in unseen.
    PostCommit,
    /// On a server, before what was sent is taken in.
    PreReceive,
}

impl Event {
    /// The events of a repository with a working tree.
    pub const CLIENT: [Event; 5] = [
        Event::PreCommit,
        Event::PreMergeCommit,
        Event::CommitMsg,
        Event::PrePush,
        Event::PostCommit,
    ];
    /// The events of a bare repository.
    pub const SERVER: [Event; 1] = [Event::PreReceive];

    /// Returns git's name for it, which is the name of the hook's file.
    pub fn name(self) -> &'static str {
        match self {
            Event::PreCommit => "pre-commit",
            Event::PreMergeCommit => "pre-merge-commit",
            Event::CommitMsg => "commit-msg",
            Event::PrePush => "pre-push",
            Event::PostCommit => "post-commit",
            Event::PreReceive => "pre-receive",
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

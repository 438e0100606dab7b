//! The log: its levels, and the sink that the host sets.

use std::fmt;
use std::sync::Arc;

/// The severity of a log line; a level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    /// No line at all.
    Off = 0,
    /// Failures that ended a call.
    Error = 1,
    /// Failures that were overcome, such as a failed poll.
    Warn = 2,
    /// The outcome of each call.
    Info = 3,
    /// Every request and connection.
    Debug = 4,
}

impl Level {
    /// The level with this number.
    pub fn from_number(number: i32) -> Option<Level> {
        [Level::Off, Level::Error, Level::Warn, Level::Info, Level::Debug]
            .into_iter()
            .find(|level| *level as i32 == number)
    }
}

/// The host's receiver of log lines; called on several threads at once.
pub type Sink = Arc<dyn Fn(Level, &str) + Send + Sync>;

/// A sink with the level from which on it gets lines.
#[derive(Clone)]
pub(crate) struct Log {
    level: Level,
    sink: Option<Sink>,
}

impl Log {
    pub(crate) fn new(level: Level, sink: Option<Sink>) -> Log {
        Log { level, sink }
    }

    /// The sink, if lines of this level are wanted.
    pub(crate) fn wants(&self, level: Level) -> Option<&Sink> {
        self.sink.as_ref().filter(|_| level <= self.level)
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("level", &self.level).finish_non_exhaustive()
    }
}

//! A plan: the columns, conditions and parameter points of one block, and how they run.

mod program;
mod run;

pub use program::Plan;
pub use run::{Run, evaluate, run};

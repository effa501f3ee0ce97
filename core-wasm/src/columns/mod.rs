//! Columns: one value per bar, computed in stretches of bars so that memory does not grow with the series.

mod arithmetic;
mod families;
mod operation;
mod set;
mod view;

pub use operation::Operation;
pub use set::{ColumnId, ColumnSet, ColumnSpec};
pub use view::View;

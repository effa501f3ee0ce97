//! Columns: one value per bar, computed in stretches of bars so that memory does not grow with the series.

mod view;

pub use view::View;

//! The one error enum. `abi.rs` turns it into a status code, `src/kernel` turns that into a message.

/// What the kernel refuses. The discriminant is the status code at the boundary; 0 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum KernelError {
    /// A period of zero bars.
    PeriodZero = 1,
    /// Slices that belong together differ in length.
    LengthMismatch = 2,
    /// A call that needs a market came before the market was set.
    NoMarket = 3,
    /// A plan with an unknown operation code or a truncated instruction.
    PlanMalformed = 4,
    /// A plan that names a column, bitmap or constant that does not exist.
    PlanReference = 5,
    /// A window that is empty or ends after the last bar.
    WindowOutOfRange = 6,
    /// A candle column that the plan or the simulation needs was not uploaded.
    ColumnMissing = 7,
    /// A period that is not a whole number of bars or too large.
    PeriodInvalid = 8,
    /// An execution setting outside its bounds.
    ExecutionInvalid = 9,
}

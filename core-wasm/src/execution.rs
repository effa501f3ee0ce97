//! How signals become fills and what that costs. `src/core/execution.ts` declares the same settings in the same order;
//! the layouts of both sides are compared when the kernel is loaded.

use crate::error::KernelError;

/// Declares a struct of settings that the host writes as a block of one double each.
macro_rules! settings {
    ($(#[$about:meta])* pub struct $Settings:ident { $($(#[$doc:meta])* pub $name:ident: $Kind:ty,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Settings { $($(#[$doc])* pub $name: $Kind,)+ }

        impl $Settings {
            /// Doubles in a block.
            pub const LENGTH: usize = [$(stringify!($name)),+].len();

            /// The settings in the order of a block.
            pub fn layout() -> String {
                [$(<$Kind>::layout(stringify!($name))),+].join(" ")
            }

            /// # Errors
            /// `ExecutionInvalid` when a double stands for no value of its setting.
            pub fn read(&[$($name),+]: &[f64; Self::LENGTH]) -> Result<Self, KernelError> {
                Ok(Self { $($name: <$Kind>::read($name)?,)+ })
            }
        }
    };
}

/// What a setting can be: a number, or one of some words.
trait Setting: Sized {
    fn layout(name: &str) -> String;
    fn read(double: f64) -> Result<Self, KernelError>;
}

impl Setting for f64 {
    fn layout(name: &str) -> String {
        name.to_string()
    }

    fn read(double: f64) -> Result<Self, KernelError> {
        Ok(double)
    }
}

/// When a signal fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// At the open of the next existing bar.
    NextOpen,
    /// At the close of its own bar.
    Close,
}

impl Setting for Fill {
    fn layout(name: &str) -> String {
        format!("{name}=next_open|close")
    }

    fn read(double: f64) -> Result<Self, KernelError> {
        match double {
            0.0 => Ok(Self::NextOpen),
            1.0 => Ok(Self::Close),
            _ => Err(KernelError::ExecutionInvalid),
        }
    }
}

settings! {
    /// How orders fill and what they cost. Ratios: 0.001 is 0.1 %.
    pub struct Execution {
        pub fill: Fill,
        /// Fraction of traded value, per side, in [0, 1).
        pub commission: f64,
        /// Fraction by which a fill moves against the order, in [0, 1).
        pub slippage: f64,
        /// Quote currency, above 0.
        pub initial_capital: f64,
    }
}

impl Execution {
    /// # Errors
    /// `ExecutionInvalid` when a ratio is outside [0, 1) or the capital is not positive and finite.
    pub fn check(&self) -> Result<(), KernelError> {
        let ratio = |x: f64| (0.0..1.0).contains(&x);
        let capital = self.initial_capital > 0.0 && self.initial_capital.is_finite();
        if ratio(self.commission) && ratio(self.slippage) && capital {
            Ok(())
        } else {
            Err(KernelError::ExecutionInvalid)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_block_in_the_order_of_its_layout() {
        assert_eq!(Execution::layout(), "fill=next_open|close commission slippage initial_capital");
        let execution = Execution::read(&[1.0, 0.1, 0.2, 3.0]).unwrap();
        assert_eq!(execution.fill, Fill::Close);
        assert_eq!([execution.commission, execution.slippage, execution.initial_capital], [0.1, 0.2, 3.0]);
        let unknown = Execution::read(&[2.0, 0.1, 0.2, 3.0]).map(|_| ());
        assert_eq!(unknown, Err(KernelError::ExecutionInvalid));
    }

    #[test]
    fn refuses_costs_of_one_or_more_and_capital_that_is_none() {
        let good = Execution { fill: Fill::Close, commission: 0.999, slippage: 0.0, initial_capital: 1.0 };
        assert_eq!(good.check(), Ok(()));
        let bad = [
            Execution { commission: 1.0, ..good },
            Execution { slippage: 1.0, ..good },
            Execution { commission: -0.1, ..good },
            Execution { commission: f64::NAN, ..good },
            Execution { initial_capital: 0.0, ..good },
            Execution { initial_capital: f64::INFINITY, ..good },
        ];
        assert!(bad.iter().all(|execution| execution.check() == Err(KernelError::ExecutionInvalid)));
    }
}

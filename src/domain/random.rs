//! Randomness as a parameter.

/// A source of uniformly random bytes.
///
/// The one implementation outside tests is the operating system's generator
/// ([`crate::ops::env::SystemRandom`]).
pub trait Random {
    /// Fills `bytes` completely, or fails without saying that it did not.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system's random number generator failed")]
pub struct RandomError;

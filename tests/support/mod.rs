//! What tests of the whole program need: a sandboxed command line and real databases.

pub mod chance;
pub mod cli;
pub mod cluster;
pub mod endpoint;
pub mod library;
pub mod pair;
pub mod pooler;
pub mod postgres;
pub mod program;
pub mod pty;
pub mod runner;
pub mod store;
pub mod unprivileged;
pub mod verifiers;

/// Makes one test for each of the two databases: `both!(name, |place| { … })` becomes
/// `name::sqlite` and `name::postgres`. The closure gets a [`store::Place`].
macro_rules! both {
    ($(#[$meta:meta])* $name:ident, $body:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            #[test]
            fn sqlite() {
                let run: fn($crate::support::store::Place) = $body;
                run($crate::support::store::Place::sqlite());
            }

            $(#[$meta])*
            #[test]
            fn postgres() {
                let run: fn($crate::support::store::Place) = $body;
                run($crate::support::store::Place::postgres());
            }
        }
    };
}
pub(crate) use both;

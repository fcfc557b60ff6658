//! A service of one's own: the README shows what follows the attribute.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example prints and reads its environment"
)]

use anyhow::Context as _;
use keyctl::runtime::{Asked, MasterKeys, Options, Reader, Verified};

fn main() -> anyhow::Result<()> {
    let options = Options { master_keys: MasterKeys::from_environment()?, ..Options::default() };
    let reader = Reader::open(&std::env::var("KEYCTL_STORE").context("KEYCTL_STORE")?, options)?;
    let token = std::io::read_to_string(std::io::stdin())?;
    let asked = Asked { scope: Some("chat".parse()?), ..Asked::default() };
    match reader.verify(token.trim_end(), &asked)? {
        Verified::Denied(reason) => println!("{}", reason.denial().status()),
        Verified::Allowed(grant) => {
            let secret = reader.secret(token.trim_end(), &asked, &"anthropic".parse()?)?;
            println!("{} gets a secret of {} characters", grant.principal, secret.expose().len());
        }
    }
    Ok(())
}

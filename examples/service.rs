//! A service of one's own: the README shows what follows the attribute.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example prints and reads its environment"
)]

use keyctl::runtime::{Asked, MasterKeys, Options, Reader, Verified};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options { master_keys: MasterKeys::from_environment()?, ..Options::default() };
    let store = std::env::var("KEYCTL_STORE").map_err(|error| format!("KEYCTL_STORE: {error}"))?;
    let reader = Reader::open(&store, options)?;
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

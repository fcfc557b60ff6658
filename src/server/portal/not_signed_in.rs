//! Why somebody who came back from a provider was not signed in: a word for the log, and what to do about it.

use super::pages::shell::Said;
use crate::ops::portal::oidc::NotSignedIn;

/// The word in the log.
pub(super) fn reason(why: &NotSignedIn) -> &'static str {
    match why {
        NotSignedIn::Stranger => "oidc_state",
        NotSignedIn::Late => "oidc_late",
        NotSignedIn::Again => "oidc_used",
        NotSignedIn::OtherProvider => "oidc_issuer",
        NotSignedIn::No(_) => "oidc_denied",
        NotSignedIn::Code => "oidc_code",
        NotSignedIn::Away(_) => "oidc_provider",
        NotSignedIn::Token(refused) => match refused.reason() {
            "trust_key" => "id_token_key",
            "trust_signature" => "id_token_signature",
            "trust_expired" => "id_token_expired",
            "trust_not_yet_valid" => "id_token_not_yet_valid",
            _ => "id_token_form",
        },
        NotSignedIn::Nobody(nobody) => nobody.reason(),
        NotSignedIn::Unknown(_) => "no_such_owner",
    }
}

/// What a page says of it. Of what a provider wrote, its word for no alone is repeated.
pub(super) fn said(why: &NotSignedIn) -> Said {
    let again = "Begin again with the button below.";
    match why {
        NotSignedIn::Stranger => Said::bad("This is no answer to a sign-in of this browser's")
            .and("It may have been open for too long, or somebody else began it. Begin again with the button below; it takes cookies."),
        NotSignedIn::Late => Said::bad("Your sign-in took too long").and(again),
        NotSignedIn::Again | NotSignedIn::Code => Said::bad("This sign-in was used already").and(again),
        NotSignedIn::OtherProvider => Said::bad("The answer is not that of the provider who was asked")
            .and("Nobody was signed in. If it happens again, tell whoever runs this."),
        NotSignedIn::No(no) => Said::bad("You were not signed in there")
            .and(format!("The provider says: {}. {again}", word(&no.error))),
        NotSignedIn::Away(_) => Said::bad("Your provider cannot be reached, or does not answer as it should")
            .and("It is not your fault. Try again in a moment, or sign in with a key."),
        NotSignedIn::Token(_) | NotSignedIn::Nobody(_) => {
            Said::bad("What your provider says of you cannot be used").and(format!(
                "Begin again with the button below. If it happens again, tell whoever runs this: {}.",
                reason(why)
            ))
        }
        NotSignedIn::Unknown(subject) => {
            let subject = subject.as_str();
            Said::bad("Nobody here is known by your account").and(format!(
                "Ask whoever runs this to let you in, and send them this line: keyctl owner add NAME --subject '{}'",
                subject.replace('\'', r"'\''")
            ))
        }
    }
}

/// One of the standards' (RFC 6749 §4.1.2.1), or of that form.
fn word(error: &str) -> &str {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    if (1..=40).contains(&error.len()) && error.bytes().all(fits) { error } else { "no" }
}

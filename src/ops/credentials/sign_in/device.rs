//! The device code (RFC 8628): somebody types it elsewhere, and meanwhile the provider is asked again and again.

use std::time::Duration;

use super::place::Place;
use super::{Who, no_tokens, read};
use crate::domain::credentials::answer::Answer;
use crate::domain::credentials::device::{Device, Step, longer, step};
use crate::domain::credentials::failure::Failure;
use crate::domain::credentials::granted::Granted;
use crate::domain::random::Random;
use crate::domain::time::{Span, Timestamp};
use crate::ops::error::{Error, Result};
use crate::ops::outbound::{Form, LONGEST, Outbound};

/// Somebody who waits.
pub(crate) trait Waiting {
    /// Since the wait began.
    fn waited(&self) -> Duration;
    /// An error where nobody wants to wait any more.
    fn pause(&mut self, time: Duration) -> Result<()>;
}

/// Who asks whom, and with what.
pub(crate) struct Asked<'a> {
    pub outbound: &'a dyn Outbound,
    pub who: &'a Who,
    pub place: &'a Place,
}

/// Asks for a code.
pub(crate) fn begin(
    asked: &Asked<'_>,
    random: &mut dyn Random,
    now: Timestamp,
    scopes: &Granted,
) -> Result<Device> {
    let scopes = scopes.to_string();
    let form = if scopes.is_empty() { Form::default() } else { Form::default().with("scope", &scopes) };
    let asking = asked.who.asking(random, now)?;
    let answered = asking.post_to(asked.outbound, &asked.place.begin, form, LONGEST).map_err(no_tokens)?;
    Device::read(answered.status, &answered.body).map_err(no_tokens)
}

/// Waits until somebody has signed in: as long as the code lives, and no longer than that.
///
/// `now`: when the wait began.
pub(crate) fn wait(
    asked: &Asked<'_>,
    random: &mut dyn Random,
    now: Timestamp,
    device: &Device,
    longest: Option<Duration>,
    waiting: &mut dyn Waiting,
) -> Result<Answer> {
    let until = longest.map_or(device.expires_in, |longest| longest.min(device.expires_in));
    let mut interval = device.interval;
    loop {
        let left = until.saturating_sub(waiting.waited());
        if left < interval {
            // It cannot be asked once more.
            waiting.pause(left)?;
            return Err(over());
        }
        waiting.pause(interval)?;
        let since = i64::try_from(waiting.waited().as_secs()).ok().and_then(Span::from_secs);
        let at = since.and_then(|since| now.after(since)).unwrap_or(now);
        let form = Form::default()
            .with("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
            .with_secret("device_code", &device.code);
        let answered = match asked.who.asking(random, at)?.post(asked.outbound, form, LONGEST) {
            Ok(answered) => answered,
            // Nothing is said of the code.
            Err(Failure::Unreachable | Failure::NoAnswer) => {
                interval = longer(interval);
                continue;
            }
            Err(failure) => return Err(no_tokens(failure)),
        };
        match step(answered.status, &answered.body, interval) {
            Step::Again(next) => interval = next,
            Step::Ended => return read(answered.status, &answered.body),
            Step::Expired => return Err(over()),
            Step::Denied => {
                return Err(Error::KeyUnavailable {
                    message: "the provider says no: access_denied; nothing was changed".to_owned(),
                    hint: "sign in again, and agree".to_owned(),
                });
            }
        }
    }
}

fn over() -> Error {
    Error::KeyUnavailable {
        message: "nobody signed in in time; nothing was changed".to_owned(),
        hint: "run the same command again for a new code".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use zeroize::Zeroizing;

    use super::*;
    use crate::domain::credentials::client::{Client, ClientAuth};
    use crate::domain::random::RandomError;
    use crate::ops::outbound::{self, Call, Request, Unanswered};

    struct Zeros;

    impl Random for Zeros {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), RandomError> {
            Ok(())
        }
    }

    /// Time that passes by waiting alone.
    #[derive(Default)]
    struct Clock(Vec<u64>);

    impl Waiting for Clock {
        fn waited(&self) -> Duration {
            Duration::from_secs(self.0.iter().sum())
        }

        fn pause(&mut self, time: Duration) -> Result<()> {
            self.0.push(time.as_secs());
            Ok(())
        }
    }

    /// Answers these, one after the other, and then the last one for ever. Nothing: no answer.
    struct Answers(Mutex<Vec<&'static str>>);

    impl Outbound for Answers {
        fn exchange(&self, request: &Request<'_>) -> Result<outbound::Answer, Unanswered> {
            let Call::Post { form, .. } = request.call else { panic!("a form") };
            assert!(form.pairs().any(|pair| pair == ("device_code", "dc")));
            let mut answers = self.0.lock().expect("answers");
            let body = if answers.len() > 1 { answers.remove(0) } else { answers[0] };
            if body.is_empty() {
                return Err(Unanswered::Timeout { sent: true });
            }
            let status = if body.contains("access_token") { 200 } else { 400 };
            let body = Zeroizing::new(body.as_bytes().to_vec());
            Ok(outbound::Answer { status, retry_after: None, max_age: None, is_json: true, body })
        }
    }

    fn waited(answers: &[&'static str], longest: Option<u64>) -> (Result<Answer>, Vec<u64>) {
        let endpoint: crate::domain::outbound::endpoint::Endpoint =
            "https://a.example/token".parse().expect("an endpoint");
        let client = Client {
            token_endpoint: endpoint.clone(),
            id: "app".parse().expect("an id"),
            auth: ClientAuth::None,
            issuer: None,
            key_id: None,
        };
        let who = Who::new(client, None).expect("a client");
        let place =
            Place { token_endpoint: endpoint.clone(), begin: endpoint, issuer: None, names_itself: false };
        let body = br#"{"device_code":"dc","user_code":"AB","verification_uri":"https://a.example","expires_in":60}"#;
        let device = Device::read(200, body).expect("an answer");
        let answers = Answers(Mutex::new(answers.to_vec()));
        let asked = Asked { outbound: &answers, who: &who, place: &place };
        let mut clock = Clock::default();
        let now = Timestamp::from_millis(1_800_000_000_000).expect("a time");
        let longest = longest.map(Duration::from_secs);
        let found = wait(&asked, &mut Zeros, now, &device, longest, &mut clock);
        (found, clock.0)
    }

    const PENDING: &str = r#"{"error":"authorization_pending"}"#;
    const SLOWER: &str = r#"{"error":"slow_down"}"#;
    const TOKEN: &str = r#"{"access_token":"at","token_type":"Bearer"}"#;

    #[test]
    fn it_is_asked_at_the_pace_that_the_provider_wants() {
        let (found, pauses) = waited(&[PENDING, SLOWER, PENDING, SLOWER, TOKEN], None);
        assert_eq!(found.expect("a token").access_token.expose(), "at");
        assert_eq!(pauses, [5, 5, 10, 10, 15]);
        // Nobody answered: half as often, and the code is as good as before.
        let (found, pauses) = waited(&["", TOKEN], None);
        assert!(found.is_ok() && pauses == [5, 10], "{pauses:?}");
    }

    #[test]
    fn it_ends_with_the_code_or_before() {
        for (answers, longest, total, says) in [
            (&[PENDING] as &[_], None, 60, "in time"),
            (&[PENDING], Some(17), 17, "in time"),
            (&[r#"{"error":"expired_token"}"#], None, 5, "in time"),
            (&[PENDING, r#"{"error":"access_denied","error_description":"x"}"#], None, 10, "access_denied"),
            (&[r#"{"error":"invalid_grant"}"#], None, 5, "refused-invalid_grant"),
        ] {
            let (found, pauses) = waited(answers, longest);
            let error = found.expect_err(says).to_string();
            assert!(error.contains(says) && pauses.iter().sum::<u64>() == total, "{error} {pauses:?}");
        }
    }
}

//! A sign-in at a provider that has begun: what the browser keeps of it until it comes back.

use std::fmt;

use zeroize::Zeroizing;

use super::secret::SessionSecret;
use crate::domain::time::Timestamp;

/// `SECRET.SECONDS`, as a cookie has it: what all is made of that goes to the provider and comes back, and when it began.
/// Who has another secret, or another time, has another state.
pub(crate) struct Transaction {
    secret: SessionSecret,
    /// Since 1970 in UTC.
    begun_at: i64,
}

impl Transaction {
    /// How long somebody may take, in seconds.
    pub(crate) const LIVES: i64 = 600;

    pub(crate) fn begun(secret: SessionSecret, now: Timestamp) -> Self {
        Self { secret, begun_at: seconds(now) }
    }

    /// Reads what a browser presents; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (secret, begun_at) = text.split_once('.')?;
        let at: i64 = begun_at.parse().ok()?;
        // One text for each time.
        let is_plain = at >= 0 && at.to_string() == begun_at;
        is_plain.then_some(())?;
        Some(Self { secret: SessionSecret::parse(secret)?, begun_at: at })
    }

    /// The whole of it, for the moment in which it is handed to the browser.
    pub(crate) fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}.{}", self.secret.expose(), self.begun_at))
    }

    pub(crate) const fn secret(&self) -> &SessionSecret {
        &self.secret
    }

    /// Whole seconds since 1970 in UTC.
    pub(crate) const fn begun_at(&self) -> i64 {
        self.begun_at
    }

    pub(crate) fn lasts(&self, now: Timestamp) -> bool {
        (self.begun_at..self.begun_at.saturating_add(Self::LIVES)).contains(&seconds(now))
    }
}

fn seconds(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(1000)
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transaction(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000 + 999).expect("a time")
    }

    #[test]
    fn it_reads_back_shows_nothing_and_lasts_ten_minutes() {
        let secret = SessionSecret::parse(&"A".repeat(43)).expect("a secret");
        let begun = Transaction::begun(secret, at(1_800_000_000));
        let text = format!("{}.1800000000", "A".repeat(43));
        assert_eq!(*begun.expose(), text);
        assert_eq!(format!("{begun:?}"), "Transaction(…)");
        let read = Transaction::parse(&text).expect("one");
        assert_eq!((*read.expose()).clone(), text);
        for (seconds, lasts) in
            [(1_799_999_999, false), (1_800_000_000, true), (1_800_000_599, true), (1_800_000_600, false)]
        {
            assert_eq!(read.lasts(at(seconds)), lasts, "{seconds}");
        }
    }

    #[test]
    fn what_is_not_of_the_form_is_none() {
        let secret = "A".repeat(43);
        for text in [
            String::new(),
            secret.clone(),
            format!("{secret}."),
            format!("{secret}.-1"),
            format!("{secret}.01"),
            format!("{secret}.+1"),
            format!("{secret}.1.1"),
            format!("{secret}.99999999999999999999"),
            format!("{}.1", &secret[1..]),
            ".1".to_owned(),
        ] {
            assert!(Transaction::parse(&text).is_none(), "{text}");
        }
    }
}

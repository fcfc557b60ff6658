//! Signing in from where there is no browser (RFC 8628): a terminal shows a code, and somebody types it elsewhere.

use std::fmt;

use zeroize::{Zeroize as _, Zeroizing};

use super::client::{ClientName, ClientRef};
use super::pkce::Challenge;
use crate::domain::keys::scope::Scopes;
use crate::domain::mcp::address_group::AddressGroup;
use crate::domain::portal::secret::{draw, is_secret};
use crate::domain::random::{Random, RandomError};
use crate::domain::time::{Span, Timestamp};
use crate::domain::tokens::audience::Audience;

const CODE: &str = "skd_";

/// What a client polls with: `skd_` and 43 characters of base64url. A secret: it is wiped when dropped, and has no `Clone`,
/// `Display` or `Serialize`.
pub(crate) struct DeviceCode(Zeroizing<String>);

impl DeviceCode {
    pub(crate) fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        draw(CODE, random).map(Self)
    }

    /// `None` of a text that is none. Nothing is trimmed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.strip_prefix(CODE).filter(|rest| is_secret(rest))?;
        Some(Self(Zeroizing::new(text.to_owned())))
    }

    /// The whole code, for the moment in which it is hashed or handed out.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceCode(…)")
    }
}

/// What a person types: `WDJB-MJHT`, eight of twenty letters, 34.5 bits (RFC 8628 §6.1). No word comes of consonants, and none of
/// them is taken for a digit.
///
/// Whoever guesses one lets somebody else's device in for themselves; so it is short, and tries are counted. Treated as
/// [`DeviceCode`] is.
pub(crate) struct UserCode(Zeroizing<String>);

const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LETTERS_IN_ALL: usize = 8;
/// Bytes below are as often one letter as another: 12 times 20.
const EVEN: u8 = 240;

impl UserCode {
    pub(crate) fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut text = Zeroizing::new(String::with_capacity(LETTERS_IN_ALL));
        while text.len() < LETTERS_IN_ALL {
            let mut bytes = [0_u8; 2 * LETTERS_IN_ALL];
            random.fill(&mut bytes)?;
            let letters = bytes.iter().filter(|byte| **byte < EVEN);
            let letters = letters.map(|byte| char::from(LETTERS[usize::from(byte % 20)]));
            let missing = LETTERS_IN_ALL - text.len();
            text.extend(letters.take(missing));
            bytes.zeroize();
        }
        Ok(Self(text))
    }

    /// Reads a code as somebody types it: in letters of either case, with dashes and blanks anywhere. `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut letters = Zeroizing::new(String::with_capacity(LETTERS_IN_ALL));
        for char in
            text.chars().filter(|char| !matches!(char, '-' | '‐' | '‑' | '–' | '—') && !char.is_whitespace())
        {
            let letter =
                u8::try_from(char.to_ascii_uppercase()).ok().filter(|byte| LETTERS.contains(byte))?;
            if letters.len() == LETTERS_IN_ALL {
                return None;
            }
            letters.push(char::from(letter));
        }
        (letters.len() == LETTERS_IN_ALL).then_some(Self(letters))
    }

    /// What is hashed: the letters alone.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// As it is shown: `WDJB-MJHT`.
    pub(crate) fn shown(&self) -> Zeroizing<String> {
        let (first, second) = self.0.split_at(LETTERS_IN_ALL / 2);
        Zeroizing::new(format!("{first}-{second}"))
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}

/// What a device asked for. Where a person said yes, there is a sign-in whose code is that of the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceRequest {
    pub client: ClientRef,
    /// What the client calls itself.
    pub client_name: ClientName,
    /// Whether it takes refresh tokens.
    pub refreshes: bool,
    /// Whence it asks.
    pub asked_from: AddressGroup,
    /// `None` where the client does not say.
    pub scopes: Option<Scopes>,
    pub resource: Audience,
    /// Of the device code, which is its own verifier: so the sign-in is as that of a browser.
    pub challenge: Challenge,
    pub created_at: Timestamp,
    /// Of both codes, exclusive.
    pub expires_at: Timestamp,
    /// When the client asked last.
    pub polled_at: Option<Timestamp>,
    /// How long it waits between two times that it asks.
    pub wait: Span,
    pub denied_at: Option<Timestamp>,
}

/// What a client that asks is told where no person said yes (RFC 8628 §3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Poll {
    Denied,
    Late,
    /// Nobody said anything yet.
    Pending,
    /// The same, and it asks too often: from now on it waits so long.
    TooOften(Span),
}

impl DeviceRequest {
    /// How long somebody has to type the code.
    pub(crate) const LIVES: Span = Span::seconds(600);
    /// How long a client waits at first, and how much longer each time that it did not (RFC 8628 §3.5).
    pub(crate) const WAIT: Span = Span::seconds(5);
    /// It waits no longer, however often it did not.
    const LONGEST_WAIT: Span = Span::seconds(60);
    /// Requests that wait for somebody at once.
    pub(crate) const MOST: u32 = 1000;
    /// Of one network.
    pub(crate) const MOST_OF_GROUP: u32 = 100;
    /// A client that has not asked again by then may have gone: it gives way to others.
    pub(crate) const GIVES_WAY: Span = Span::seconds(30);

    /// Whether somebody may still say yes or no, where nobody said yes.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        self.denied_at.is_none() && now < self.expires_at
    }

    pub(crate) fn poll(&self, now: Timestamp) -> Poll {
        if self.denied_at.is_some() {
            return Poll::Denied;
        }
        if now >= self.expires_at {
            return Poll::Late;
        }
        // Half a second for the way: what is counted here is when a question comes, not when it was asked.
        let waited = self.polled_at.map(|at| now.as_millis() - at.as_millis());
        if waited.is_some_and(|millis| millis + 500 < self.wait.as_secs() * 1000) {
            let wait = self.wait.as_secs() + Self::WAIT.as_secs();
            return Poll::TooOften(Span::from_secs(wait).unwrap_or(Self::WAIT).min(Self::LONGEST_WAIT));
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that are drawn, from the first one on.
    struct Drawn<'d>(&'d [u8]);

    impl Random for Drawn<'_> {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
            for byte in bytes {
                let (first, rest) = self.0.split_first().expect("enough");
                *byte = *first;
                self.0 = rest;
            }
            Ok(())
        }
    }

    #[test]
    fn a_user_code_is_read_however_it_is_typed() {
        for text in
            ["WDJB-MJHT", "wdjbmjht", " wdjb mjht\n", "W-D-J-B-M-J-H-T", "WDJB–MJHT", "-wdjb\u{a0}MJHT-"]
        {
            let code = UserCode::parse(text).expect(text);
            assert_eq!((code.expose(), code.shown().as_str()), ("WDJBMJHT", "WDJB-MJHT"));
        }
        for text in
            ["", "WDJB-MJH", "WDJB-MJHTT", "WDJB-MJHA", "WDJB-MJH7", "WDJB_MJHT", "WDJB-MJHß", "WDJB-MJHＴ"]
        {
            assert!(UserCode::parse(text).is_none(), "{text}");
        }
        assert_eq!(format!("{:?}", UserCode::parse("WDJB-MJHT")), "Some(UserCode(…))");
    }

    #[test]
    fn each_letter_of_a_user_code_is_as_likely_as_another() {
        let all: Vec<u8> = (0..=255).chain(0..=255).chain(0..=255).collect();
        let mut counts = [0_u32; 256];
        let mut drawn = Drawn(&all);
        // Sixteen bytes each, of which eight are used: so many until each byte was looked at as often as each other.
        for _ in 0..16 {
            for byte in UserCode::generate(&mut drawn).expect("random").expose().bytes() {
                counts[usize::from(byte)] += 1;
            }
        }
        assert!(counts.iter().all(|count| *count <= 8), "{counts:?}");
        // What would make some letters likelier is drawn again.
        let mut drawn =
            Drawn(&[255; 16].iter().chain(&[240; 16]).chain(&[239; 16]).copied().collect::<Vec<_>>()[..]);
        assert_eq!(UserCode::generate(&mut drawn).expect("random").expose(), "ZZZZZZZZ");
    }

    #[test]
    fn a_device_code_reads_back_and_nothing_else_is_one() {
        let code = DeviceCode::generate(&mut Drawn(&[7; 43])).expect("random");
        assert_eq!(DeviceCode::parse(code.expose()).expect("one").expose(), code.expose());
        for text in [
            "",
            "skd_",
            &code.expose()[1..],
            &code.expose().replace("skd_", "ska_"),
            &format!("{}\n", code.expose()),
        ] {
            assert!(DeviceCode::parse(text).is_none(), "{text:?}");
        }
        assert_eq!(format!("{code:?}"), "DeviceCode(…)");
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("in range")
    }

    #[test]
    fn a_client_that_asks_is_told_to_wait_and_longer_where_it_does_not() {
        let asked = DeviceRequest {
            client: "mcl_01h455vb4pex5vsknk084sn02q".parse().expect("an id"),
            client_name: "Terminal".parse().expect("a name"),
            refreshes: true,
            asked_from: AddressGroup::default(),
            scopes: None,
            resource: "https://mcp.example.com/mcp".parse().expect("an audience"),
            challenge: Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").expect("one"),
            created_at: at(0),
            expires_at: at(600_000),
            polled_at: None,
            wait: DeviceRequest::WAIT,
            denied_at: None,
        };
        assert_eq!(asked.poll(at(0)), Poll::Pending, "the first time is never too early");
        let polled = DeviceRequest { polled_at: Some(at(10_000)), ..asked.clone() };
        assert_eq!(polled.poll(at(14_000)), Poll::TooOften(Span::seconds(10)));
        assert_eq!(polled.poll(at(14_600)), Poll::Pending);
        let told = DeviceRequest { wait: Span::seconds(58), ..polled.clone() };
        assert_eq!(told.poll(at(16_000)), Poll::TooOften(Span::seconds(60)));
        assert_eq!((polled.poll(at(599_999)), polled.poll(at(600_000))), (Poll::Pending, Poll::Late));
        assert!(polled.is_open(at(599_999)) && !polled.is_open(at(600_000)));
        let denied = DeviceRequest { denied_at: Some(at(11_000)), ..polled };
        assert_eq!((denied.poll(at(11_000)), denied.poll(at(700_000))), (Poll::Denied, Poll::Denied));
        assert!(!denied.is_open(at(12_000)));
    }
}

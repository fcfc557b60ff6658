//! Values as they are written in a manifest.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use crate::domain::texts::leak;

/// A value with the text that it was written as, which a plan keeps: `90d` means another moment each day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written<T> {
    pub(crate) value: T,
    text: String,
}

impl<T> Written<T> {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl<T: FromStr<Err: fmt::Display>> FromStr for Written<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        Ok(Self { value: text.parse()?, text: text.to_owned() })
    }
}

impl<T> Serialize for Written<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Written<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text<T>(PhantomData<T>);

        impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
            type Value = Written<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Written<T>, E> {
                // Before anything that quotes what it cannot take.
                if leak::secret_in(text).is_some() {
                    return Err(E::custom("a secret stands here; a manifest holds none"));
                }
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text(PhantomData))
    }
}

#[cfg(feature = "internals")]
impl<T> schemars::JsonSchema for Written<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

/// Entries by name, each name once: also where a format would take the last one.
pub(crate) fn once<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: FromStr<Err: fmt::Display> + Ord,
    V: Deserialize<'de>,
{
    struct Entries<K, V>(PhantomData<(K, V)>);

    impl<'de, K, V> Visitor<'de> for Entries<K, V>
    where
        K: FromStr<Err: fmt::Display> + Ord,
        V: Deserialize<'de>,
    {
        type Value = BTreeMap<K, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("entries by name")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = BTreeMap::new();
            while let Some(Written { value: name, .. }) = map.next_key::<Written<K>>()? {
                let Entry::Vacant(place) = entries.entry(name) else {
                    return Err(de::Error::custom("this name stands here twice"));
                };
                place.insert(map.next_value()?);
            }
            Ok(entries)
        }

        // `keys:` with nothing below.
        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(BTreeMap::new())
        }
    }

    deserializer.deserialize_any(Entries(PhantomData))
}

/// Entries under the names as they are written.
pub(crate) fn by_name<K, V, S>(entries: &BTreeMap<K, V>, serializer: S) -> Result<S::Ok, S::Error>
where
    K: fmt::Display,
    V: Serialize,
    S: Serializer,
{
    serializer.collect_map(entries.iter().map(|(name, value)| (name.to_string(), value)))
}

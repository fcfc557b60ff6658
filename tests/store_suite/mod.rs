//! One suite for both databases, test for test.

use crate::support::both;

both!(a_new_store_is_empty_and_as_it_should_be, |place| {
    place.init();
    let mut store = place.open();
    assert_eq!(store.counts().expect("counts"), [0, 0, 0, 0]);
    assert_eq!(keyctl::ops::store::check(&mut store, |_| {}).expect("check"), Vec::new());
});

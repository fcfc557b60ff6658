//! Every change that a program brings about comes out the same where the database gives its first attempt up.

use super::scene::{Scene, Tokens, error};
use crate::support::both;

both!(a_change_whose_first_attempt_is_given_up_is_made_once, |place| {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("given-up");
    let scene = Scene::with(place, &[("KEYCTL_TEST_GIVEN_UP", path.to_str().expect("a path"))]);
    let (first, code) = (scene.tokens(&["files"]), scene.code(&["files", "memories:read"]));
    let second = Tokens::of(&scene.redeem(&code));
    scene.assert_good(&Tokens::of(&scene.refresh(&first.refresh)).access);
    // Ended by its reuse, and the other given back.
    assert_eq!(error(&scene.refresh(&first.refresh)).0, 400);
    let given_back = [("token", second.refresh.as_str()), ("client_id", scene.client.as_str())];
    assert_eq!(scene.bring("/oauth/revoke", &given_back, &[]).status, 200);
    for (action, times) in
        [("client.consent", 2), ("client.redeem", 2), ("client.refresh", 1), ("client.end", 2)]
    {
        assert_eq!(scene.records(action).len(), times, "{action}");
    }
    crate::clients::devices::whole_way(&scene, &scene.key);
    assert_eq!((scene.records("client.consent").len(), scene.records("client.redeem").len()), (3, 3));
    let attempts = std::fs::read_to_string(&path).expect("attempts").lines().count();
    assert!(attempts >= 7, "{attempts}");
    scene.check();
});

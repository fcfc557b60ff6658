//! A person has several keys, and signs in with one of them: what a program gets is no more than that one could give, and ends with
//! it, whichever key it is for.

use super::scene::{Request, Scene, Tokens, error, onward, parameter};
use crate::pages::scene::{Session, form_token, post};
use crate::serve::raw::Answer;
use crate::support::both;

/// What comes of a yes by a key that the page may not have offered.
fn says_yes_by(
    scene: &Scene,
    session: &Session<'_>,
    request: &Request,
    key: &str,
    scopes: &[&str],
) -> Answer {
    let page = session.get(&request.target());
    let (form, query) = (form_token(&page), request.query());
    let key = scene.sandbox.json(&["show", key])["id"].as_str().expect("an id").to_owned();
    let mut fields = vec![("form", form.as_str()), ("request", &query), ("key", &key), ("say", "yes")];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    post("/oauth/consent", &fields).cookie(&session.cookie).to(&scene.portal)
}

both!(a_yes_gets_nothing_of_what_another_yes_let_and_ends_with_the_key_that_signed_in, |place| {
    let scene = Scene::new(place);
    let first = scene.tokens(&["files"]);
    let short = scene.sandbox.ok(&[
        "mint",
        "alice",
        "--name",
        "short",
        "--scope",
        "keyctl:self,files",
        "--expires",
        "2h",
    ]);
    let said =
        says_yes_by(&scene, &scene.sign_in(short.trim()), &scene.request(), "alice/laptop", &["files"]);
    let code = parameter(&onward(&said), "code").expect("a code");
    let second = Tokens::of(&scene.redeem(&code));
    // The one of the first key may do more from now on; that of the other may not.
    scene.code(&["files", "memories:read"]);
    let second = Tokens::of(&scene.refresh(&second.refresh));
    assert_eq!(second.scope, "files");
    let first = Tokens::of(&scene.refresh(&first.refresh));
    assert_eq!(first.scope, "files memories:read");
    // It lives no longer than the key by which it was let in.
    let ends =
        |key: &str| scene.sandbox.json(&["show", key])["expires_at"].as_str().expect("an end").to_owned();
    let children = scene.sandbox.json(&["list", "alice"]);
    let by_short = scene.sandbox.json(&["show", "alice/short"])["id"].clone();
    let child = children.as_array().expect("keys").iter().find(|key| key["made_by"] == by_short);
    assert!(child.expect("a child")["expires_at"].as_str().expect("an end") <= ends("alice/short").as_str());
    scene.sandbox.ok(&["revoke", "alice/short"]);
    scene.assert_dead(&second.access);
    assert_eq!(error(&scene.refresh(&second.refresh)), (400, "invalid_grant".to_owned()));
    scene.assert_good(&Tokens::of(&scene.refresh(&first.refresh)).access);
    scene.check();
});

both!(what_a_key_is_bounded_by_is_not_walked_around_by_another_key, |place| {
    let scene = Scene::new(place);
    let bounded = ["mint", "alice", "--name", "bounded", "--scope", "keyctl:self,files", "--rate", "5/m"];
    let bounded = scene.sandbox.ok(&bounded);
    let session = scene.sign_in(bounded.trim());
    let page = session.get(&scene.request().target());
    assert!(page.body.contains("None of your keys may do what it asks for"), "{page:?}");
    let keys = scene.sandbox.json(&["list", "alice"]).as_array().expect("keys").len();
    let said = says_yes_by(&scene, &session, &scene.request(), "alice/laptop", &["files"]);
    assert!(!said.body.contains("code="), "{said:?}");
    assert_eq!(scene.sandbox.json(&["list", "alice"]).as_array().expect("keys").len(), keys, "{said:?}");
    scene.check();
});

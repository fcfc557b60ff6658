//! What somebody is shown before they let a program in.

use super::scene::{Scene, registered};
use crate::support::both;

both!(the_page_says_who_asks_for_what_and_by_which_key, |place| {
    let scene = Scene::new(place);
    let page = scene.alice().get(&scene.request().target());
    for said in [
        "Let Editor in?",
        "Whoever runs this site",
        "https://mcp.example.com/mcp",
        "A program on this computer",
        "by your key laptop",
    ] {
        assert!(page.body.contains(said), "{said}: {page:?}");
    }
    assert!(!page.body.contains("keyctl:self"), "{page:?}");
    for scope in ["files", "memories:read"] {
        assert!(page.body.contains(&format!("value=\"{scope}\" checked")), "{scope}: {page:?}");
    }
    // Who does not say what it wants is given nothing by a click too many.
    let page = scene.alice().get(&scene.request().with("scope", "").target());
    assert!(page.body.contains("value=\"files\"") && !page.body.contains("checked"), "{page:?}");
});

both!(a_name_is_text, |place| {
    let scene = Scene::new(place);
    let odd = registered(&scene.sandbox, "<b>Evil</b> \"x", "https://app.example.com/callback");
    let asked =
        scene.request().with("client_id", &odd).with("redirect_uri", "https://app.example.com/callback");
    let page = scene.alice().get(&asked.target());
    assert!(page.body.contains("&lt;b&gt;Evil&lt;/b&gt;") && !page.body.contains("<b>Evil"), "{page:?}");
    assert!(page.body.contains("app.example.com"), "{page:?}");
});

both!(who_has_no_key_for_it_is_told_what_to_do, |place| {
    let scene = Scene::new(place);
    let page = scene.alice().get(&scene.request().with("scope", "billing").target());
    assert!(page.body.contains("None of your keys may do what it asks for"), "{page:?}");
    assert!(page.body.contains("href=\"/keys/new\""), "{page:?}");
    // One that is bounded gets no tokens, and is not offered.
    scene.sandbox.ok(&["edit", "alice/laptop", "--rate", "10/m"]);
    let page = scene.alice().get(&scene.request().target());
    assert!(page.body.contains("None of your keys"), "{page:?}");
    scene.sandbox.ok(&["edit", "alice/laptop", "--allow-jwt"]);
    let page = scene.alice().get(&scene.request().target());
    assert!(page.body.contains("by your key laptop"), "{page:?}");
    scene.assert_good(&scene.tokens(&["files"]).access);
});

//! What ends a program's tokens: whatever ends the key that they are for, and the program itself.

use super::devices::{begin, poll, type_in};
use super::scene::{Scene, Tokens, error, registered, with_master_key};
use crate::support::both;

both!(what_stops_the_key_stops_the_program, |place| {
    let scene = Scene::new(place);
    for (stop, go_on) in [
        (&["suspend", "alice/laptop"][..], Some(&["resume", "alice/laptop"][..])),
        (&["suspend", "alice/mcp-editor"], Some(&["resume", "alice/mcp-editor"])),
        (&["owner", "disable", "alice", "--yes"], Some(&["owner", "enable", "alice"])),
        (&["revoke", "alice/laptop"], None),
    ] {
        let tokens = scene.tokens(&["files"]);
        scene.sandbox.ok(stop);
        scene.assert_dead(&tokens.access);
        assert_eq!(error(&scene.refresh(&tokens.refresh)), (400, "invalid_grant".to_owned()), "{stop:?}");
        if let Some(go_on) = go_on {
            scene.sandbox.ok(go_on);
            // What was stopped for a while goes on; nothing was used up.
            Tokens::of(&scene.refresh(&tokens.refresh));
        }
    }
    scene.check();
});

both!(who_takes_a_scope_from_the_key_takes_it_from_the_program, |place| {
    let scene = Scene::new(place);
    let tokens = scene.tokens(&["files", "memories:read"]);
    scene.sandbox.ok(&["scope", "remove", "alice/laptop", "files"]);
    scene.assert_dead(&tokens.access);
    let next = Tokens::of(&scene.refresh(&tokens.refresh));
    assert_eq!(next.scope, "memories:read");
    let refused = scene.refresh_with(&next.refresh, &[("scope", "files")]);
    assert_eq!(error(&refused), (400, "invalid_scope".to_owned()));
});

both!(a_program_that_signs_out_gives_its_tokens_back, |place| {
    let scene = Scene::new(place);
    let tokens = scene.tokens(&["files"]);
    let revoke = |token: &str, client: &str| {
        scene.bring("/oauth/revoke", &[("token", token), ("client_id", client)], &[]).status
    };
    let records = scene.count();
    for token in [&format!("skr_{}", "A".repeat(86)), "nonsense", tokens.access.as_str()] {
        assert_eq!(revoke(token, &scene.client), 200, "what nobody knows is as good as ended");
    }
    let other = registered(&scene.sandbox, "Other", "http://127.0.0.1/callback");
    assert_eq!(revoke(&tokens.refresh, &other), 200);
    assert_eq!(scene.count(), records + 1, "the registration");
    scene.assert_good(&tokens.access);
    assert_eq!(revoke(&tokens.refresh, &scene.client), 200);
    scene.assert_dead(&tokens.access);
    assert_eq!(error(&scene.refresh(&tokens.refresh)), (400, "invalid_grant".to_owned()));
    assert_eq!(scene.records("client.end")[0]["details"]["why"], "revoked");
    scene.check();
});

both!(a_client_that_is_deleted_takes_its_keys_with_it, |place| {
    let scene = Scene::new(place);
    let tokens = scene.tokens(&["files"]);
    let ran = scene.sandbox.run(&["client", "delete", &scene.client, "--dry-run"]);
    assert!(ran.stderr.contains("would delete Editor") && ran.stderr.contains("1 key"), "{ran:?}");
    scene.assert_good(&tokens.access);
    scene.sandbox.ok(&["client", "delete", &scene.client]);
    scene.assert_dead(&tokens.access);
    assert_eq!(error(&scene.refresh(&tokens.refresh)), (400, "invalid_grant".to_owned()));
    let again = scene.sandbox.run(&["client", "delete", &scene.client]);
    assert_eq!(again.code, Some(3), "{again:?}");
    scene.check();
});

both!(a_store_that_was_restored_knows_no_code_and_no_token, |place| {
    let mut scene = Scene::new(place);
    let (tokens, code) = (scene.tokens(&["files"]), scene.code(&["files"]));
    let waits = begin(&scene);
    with_master_key(&scene.sandbox, &["store", "backup", "keys.backup", "--no-encrypt"]);
    scene.portal.stop();
    with_master_key(&scene.sandbox, &["store", "restore", "keys.backup", "--accept-rollback", "--yes"]);
    scene.restart();
    assert_eq!(error(&scene.refresh(&tokens.refresh)), (400, "invalid_grant".to_owned()));
    assert_eq!(error(&scene.redeem(&code)), (400, "invalid_grant".to_owned()));
    // Nor does a device's code that nobody had typed yet let anything in.
    let page = type_in(&scene.alice(), &waits.user);
    assert!(page.status == 403 && page.body.contains("No program waits with this code"), "{page:?}");
    assert_eq!(error(&poll(&scene, &waits)), (400, "access_denied".to_owned()));
    scene.check();
    // Whoever is asked again is let in again.
    scene.assert_good(&scene.tokens(&["files"]).access);
});

both!(a_refresh_token_that_nobody_uses_ends_after_thirty_days, |place| {
    let scene = Scene::new(place);
    let tokens = scene.tokens(&["files"]);
    let days = |days: i64| {
        let sql = format!("UPDATE mcp_sign_in SET expires_at = expires_at - {}", days * 86_400_000);
        scene.sandbox.place.sql(&sql).expect("earlier");
    };
    days(29);
    let tokens = Tokens::of(&scene.refresh(&tokens.refresh));
    days(30);
    assert_eq!(error(&scene.refresh(&tokens.refresh)), (400, "invalid_grant".to_owned()));
    // What is over is forgotten when somebody else is let in, a day later.
    days(1);
    scene.tokens(&["files"]);
    assert_eq!(scene.sandbox.place.sql("SELECT COUNT(*) FROM mcp_sign_in").expect("rows").trim(), "1");
    scene.check();
});

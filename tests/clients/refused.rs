//! What is refused, by which error, and what of it is recorded.

use super::scene::{CALLBACK, RESOURCE, Scene, Tokens, error, hidden, onward, parameter, registered};
use crate::pages::scene::{ORIGIN, form_token, post};
use crate::serve::raw::Answer;
use crate::support::both;

/// Refused to the person, and nobody is sent anywhere.
#[track_caller]
fn assert_stays(answer: &Answer, said: &str) {
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(answer.header("location"), None, "{answer:?}");
    assert!(!answer.body.contains("http-equiv"), "{answer:?}");
    assert!(answer.body.contains(said), "{answer:?}");
}

both!(a_redirect_uri_that_is_off_by_a_letter_leads_nowhere, |place| {
    let scene = Scene::new(place);
    let records = scene.count();
    for uri in [
        "http://127.0.0.1:4711/callbacks",
        "http://127.0.0.1:4711/Callback",
        "http://127.0.0.1:4711/callback/",
        "http://127.0.0.1:4711/callback?x=1",
        "http://localhost:4711/callback",
        "https://127.0.0.1:4711/callback",
        "https://evil.example/callback",
    ] {
        let answer = scene.request().with("redirect_uri", uri).sent().to(&scene.portal);
        assert_stays(&answer, "none of the client&#39;s".replace("&#39;", "'").as_str());
    }
    for (uri, said) in [
        ("", "does not say where to go from here"),
        ("javascript:alert(1)", "no other scheme is used"),
        ("http://evil.example/callback", "127.0.0.1, [::1] or localhost"),
        ("http://127.0.0.1/callback#x", "no fragment"),
    ] {
        assert_stays(&scene.request().with("redirect_uri", uri).sent().to(&scene.portal), said);
    }
    let twice = scene.request().and("redirect_uri", "https://evil.example/");
    assert_stays(&twice.sent().to(&scene.portal), "is named twice");
    assert!(scene.portal.log().contains("reason=redirect_uri"), "{}", scene.portal.log());
    assert_eq!(scene.count(), records, "whoever guesses makes no record");
    // Any port of the machine that the browser runs on is the program's.
    let asked = scene.request().with("redirect_uri", "http://127.0.0.1:9/callback");
    assert!(
        scene.says_yes(&scene.alice(), &asked, &["files"]).starts_with("http://127.0.0.1:9/callback?code=")
    );
});

both!(a_client_that_nobody_knows_is_told_nothing, |place| {
    let scene = Scene::new(place);
    let gone = registered(&scene.sandbox, "Gone", "http://127.0.0.1/callback");
    scene.sandbox.ok(&["client", "delete", &gone]);
    for (id, said) in [
        ("", "does not say which client asks"),
        ("editor", "There is no such client"),
        ("mcl_01h455vb4pex5vsknk084sn02q", "There is no such client"),
        (gone.as_str(), "There is no such client"),
    ] {
        assert_stays(&scene.request().with("client_id", id).sent().to(&scene.portal), said);
    }
});

both!(what_is_wrong_with_a_request_is_told_to_its_program, |place| {
    let scene = Scene::new(place);
    for (name, value, error) in [
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("code_challenge_method", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("response_type", "", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "files keyctl:admin", "invalid_scope"),
        ("scope", "a  b", "invalid_scope"),
        ("resource", "", "invalid_target"),
        ("resource", "https://mcp.example.com/mcpx", "invalid_target"),
        ("resource", ORIGIN, "invalid_target"),
    ] {
        let answer = scene.request().with(name, value).sent().to(&scene.portal);
        assert_eq!(answer.status, 302, "{name} {value}: {answer:?}");
        let place = answer.header("location").expect("a place");
        assert!(place.starts_with(&format!("{CALLBACK}?error={error}&")), "{name} {value}: {place}");
        assert_eq!(parameter(place, "state").as_deref(), Some("st ate&"));
        assert_eq!(parameter(place, "iss").as_deref(), Some(ORIGIN));
    }
    let two = scene.request().and("resource", "https://other.example.com").sent().to(&scene.portal);
    assert!(two.header("location").expect("a place").contains("error=invalid_target"));
    assert!(scene.portal.log().contains("reason=pkce_plain"));
});

both!(who_says_no_is_asked_no_more_and_the_program_is_told, |place| {
    let scene = Scene::new(place);
    let back = onward(&scene.answer(&scene.alice(), &scene.request(), "no", &[]));
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"), "{back}");
    assert_eq!(parameter(&back, "state").as_deref(), Some("st ate&"));
    assert_eq!(parameter(&back, "iss").as_deref(), Some(ORIGIN));
    assert!(!scene.sandbox.ok(&["list", "alice"]).contains("mcp-editor"));
});

both!(a_code_that_is_used_twice_ends_all_that_came_of_it, |place| {
    let mut scene = Scene::new(place);
    let code = scene.code(&["files"]);
    let tokens = Tokens::of(&scene.redeem(&code));
    scene.assert_good(&tokens.access);
    scene.restart();
    assert_eq!(error(&scene.redeem(&code)), (400, "invalid_grant".to_owned()));
    scene.assert_dead(&tokens.access);
    assert_eq!(error(&scene.refresh(&tokens.refresh)), (400, "invalid_grant".to_owned()));
    let ends = scene.records("client.end");
    assert_eq!(ends.len(), 1, "{ends:?}");
    assert_eq!(ends[0]["details"]["why"], "code_used_again");
    // Once: whoever has it cannot fill the log with it.
    let records = scene.count();
    scene.redeem(&code);
    assert_eq!(scene.count(), records);
    assert!(scene.sandbox.json(&["show", "alice/mcp-editor"])["revoked_at"].is_string());
    scene.check();
});

both!(a_refresh_token_that_is_used_twice_ends_its_family, |place| {
    let mut scene = Scene::new(place);
    let first = scene.tokens(&["files"]);
    let second = Tokens::of(&scene.refresh(&first.refresh));
    let third = Tokens::of(&scene.refresh(&second.refresh));
    scene.restart();
    // Not the one before alone.
    assert_eq!(error(&scene.refresh(&first.refresh)), (400, "invalid_grant".to_owned()));
    for tokens in [&first, &second, &third] {
        scene.assert_dead(&tokens.access);
        assert_eq!(error(&scene.refresh(&tokens.refresh)), (400, "invalid_grant".to_owned()));
    }
    let ends = scene.records("client.end");
    assert_eq!(ends.len(), 1, "{ends:?}");
    assert_eq!(ends[0]["details"]["why"], "token_used_again");
    scene.check();
});

both!(what_ends_by_theft_leaves_other_sign_ins_of_the_program, |place| {
    let scene = Scene::new(place);
    let (stolen, other) = (scene.tokens(&["files"]), scene.tokens(&["files"]));
    Tokens::of(&scene.refresh(&stolen.refresh));
    assert_eq!(error(&scene.refresh(&stolen.refresh)).0, 400);
    // Nobody can tell whose an access token was: all of the key's are had anew.
    scene.assert_dead(&other.access);
    let other = Tokens::of(&scene.refresh(&other.refresh));
    scene.assert_good(&other.access);
    scene.check();
});

both!(a_code_is_good_for_who_asked_for_it, |place| {
    let scene = Scene::new(place);
    let other = registered(&scene.sandbox, "Other", "http://127.0.0.1/callback");
    let wrong_verifier = "e".repeat(43);
    for (fields, why) in [
        (("client_id", other.as_str()), "other_client"),
        (("code_verifier", wrong_verifier.as_str()), "pkce"),
        (("redirect_uri", "http://127.0.0.1:4712/callback"), "other_redirect_uri"),
    ] {
        let code = scene.code(&["files"]);
        let refused = scene.redeem_with(&code, &[fields]);
        assert_eq!(error(&refused), (400, "invalid_grant".to_owned()), "{why}");
        // Who has it is not the only one: it is good for nobody any more.
        assert_eq!(error(&scene.redeem(&code)), (400, "invalid_grant".to_owned()), "{why}");
        let ends = scene.records("client.end");
        assert!(ends.iter().any(|record| record["details"]["why"] == why), "{why}: {ends:?}");
    }
    for (name, error_of) in [
        ("code_verifier", "invalid_request"),
        ("client_id", "invalid_request"),
        ("code", "invalid_request"),
        ("grant_type", "invalid_request"),
    ] {
        let refused = scene.redeem_with(&format!("ska_{}", "A".repeat(43)), &[(name, "")]);
        assert_eq!(error(&refused), (400, error_of.to_owned()), "{name}");
    }
    scene.check();
});

both!(a_refresh_token_of_another_client_is_theirs_no_more, |place| {
    let scene = Scene::new(place);
    let other = registered(&scene.sandbox, "Other", "http://127.0.0.1/callback");
    let tokens = scene.tokens(&["files"]);
    let refused = scene.refresh_with(&tokens.refresh, &[("client_id", &other)]);
    assert_eq!(error(&refused), (400, "invalid_grant".to_owned()));
    scene.assert_dead(&tokens.access);
    assert_eq!(scene.records("client.end")[0]["details"]["why"], "other_client");
});

both!(a_code_works_for_a_minute, |place| {
    let scene = Scene::new(place);
    let code = scene.code(&["files"]);
    scene.sandbox.place.sql("UPDATE mcp_sign_in SET expires_at = expires_at - 61000").expect("a minute ago");
    assert_eq!(error(&scene.redeem(&code)), (400, "invalid_grant".to_owned()));
    assert!(scene.portal.log().contains("reason=code_late"));
});

both!(nothing_is_given_beyond_what_was_asked_for_and_what_the_key_may, |place| {
    let scene = Scene::new(place);
    let alice = scene.alice();
    for (request, scopes, said) in [
        (scene.request(), &["files", "admin"][..], "You may not give: admin"),
        (scene.request(), &["memories"], "You may not give: memories"),
        (scene.request().with("scope", "memories:read"), &["files"], "You may not give: files"),
        (scene.request(), &["keyctl:self"], "given by operators alone"),
        (scene.request(), &[], "Nothing was chosen"),
    ] {
        let refused = scene.answer(&alice, &request, "yes", scopes);
        assert_eq!(refused.status, 403, "{refused:?}");
        assert!(refused.body.contains(said), "{said}: {refused:?}");
        assert!(!refused.body.contains("http-equiv"), "{refused:?}");
    }
    assert!(!scene.sandbox.ok(&["list", "alice"]).contains("mcp-editor"));
    let refused = scene.records("client.consent");
    assert_eq!(refused.len(), 4, "{refused:?}");
    assert!(refused.iter().all(|record| record["outcome"] == "refused"), "{refused:?}");
    scene.check();
});

both!(a_key_of_somebody_else_gives_nothing, |place| {
    let scene = Scene::new(place);
    scene.sandbox.ok(&["mint", "bob", "--name", "all", "--scope", "files"]);
    let theirs = scene.sandbox.json(&["show", "bob/all"])["id"].as_str().expect("an id").to_owned();
    let alice = scene.alice();
    let page = alice.get(&scene.request().target());
    let (form, query) = (form_token(&page), scene.request().query());
    let fields =
        [("form", form.as_str()), ("request", &query), ("key", &theirs), ("say", "yes"), ("scope", "files")];
    let refused = post("/oauth/consent", &fields).cookie(&alice.cookie).to(&scene.portal);
    assert_eq!(refused.status, 404, "{refused:?}");
});

both!(a_session_whose_key_was_revoked_a_moment_ago_lets_nobody_in, |place| {
    let scene = Scene::new(place);
    let alice = scene.alice();
    let page = alice.get(&scene.request().target());
    let (form, key, query) = (form_token(&page), hidden(&page, "key"), scene.request().query());
    scene.sandbox.ok(&["revoke", "alice/laptop"]);
    let fields =
        [("form", form.as_str()), ("request", &query), ("key", &key), ("say", "yes"), ("scope", "files")];
    let refused = post("/oauth/consent", &fields).cookie(&alice.cookie).to(&scene.portal);
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(refused.body.contains("You are signed out"), "{refused:?}");
    assert!(!scene.sandbox.ok(&["list", "alice", "--all"]).contains("mcp-editor"));
});

both!(a_form_that_another_site_replays_lets_nobody_in, |place| {
    let scene = Scene::new(place);
    let alice = scene.alice();
    scene.sandbox.ok(&["mint", "bob", "--scope", "keyctl:self,files"]);
    let page = alice.get(&scene.request().target());
    let (form, key, query) = (form_token(&page), hidden(&page, "key"), scene.request().query());
    let fields = |form: &str| {
        post(
            "/oauth/consent",
            &[("form", form), ("request", &query), ("key", &key), ("say", "yes"), ("scope", "files")],
        )
        .cookie(&alice.cookie)
    };
    for (why, sent) in [
        ("another site", fields(&form).without("Origin").with("Origin", "https://evil.example")),
        ("another site, as the browser says", fields(&form).with("Sec-Fetch-Site", "cross-site")),
        ("no origin", fields(&form).without("Origin")),
        ("no form token", fields("")),
        ("another session's form token", fields(&scene.alice().form_token())),
    ] {
        let refused = sent.to(&scene.portal);
        assert_eq!(refused.status, 403, "{why}: {refused:?}");
        assert!(refused.body.contains("did not come from a page of yours"), "{why}: {refused:?}");
    }
    assert!(!scene.sandbox.ok(&["list", "alice"]).contains("mcp-editor"));
    assert_eq!(fields(&form).to(&scene.portal).status, 200);
});

both!(whoever_guesses_codes_makes_no_records_and_waits, |place| {
    let scene = Scene::new(place);
    let tokens = scene.tokens(&["files"]);
    let records = scene.count();
    let tried: Vec<u16> = (0..15)
        .map(|number| scene.redeem(&format!("ska_{number:0>43}")))
        .map(|answer| answer.status)
        .collect();
    assert_eq!(tried[..10], [400; 10]);
    assert_eq!(tried[11..], [429; 4]);
    assert_eq!(scene.count(), records);
    let late = scene.refresh(&tokens.refresh);
    assert_eq!(error(&late), (429, "temporarily_unavailable".to_owned()));
    assert!(late.header("retry-after").is_some());
    // Nobody is kept from signing in by it.
    scene.alice();
});

both!(each_refusal_counts_whatever_was_brought, |place| {
    let scene = Scene::new(place);
    // The same code each time, or one that is none, and forms in which something else is wrong.
    let bring = |number: usize| match number % 4 {
        0 => scene.redeem(&format!("ska_{}", "A".repeat(43))),
        1 => scene.redeem_with("x", &[("client_id", "x")]),
        2 => scene.redeem_with("x", &[("grant_type", "password")]),
        _ => scene.bring("/oauth/revoke", &[("client_id", &scene.client)], &[]),
    };
    let tried: Vec<u16> = (0..14).map(|number| bring(number).status).collect();
    assert!(tried[..10].iter().all(|status| matches!(status, 400 | 401)), "{tried:?}");
    assert_eq!(tried[11..], [429; 3], "{tried:?}");
});

both!(a_secret_is_asked_of_no_client_and_other_grants_are_none, |place| {
    let scene = Scene::new(place);
    let code = scene.code(&["files"]);
    let secret = scene.redeem_with(&code, &[("client_secret", "x")]);
    assert_eq!(error(&secret), (401, "invalid_client".to_owned()));
    let other = scene.redeem_with(&code, &[("grant_type", "client_credentials")]);
    assert_eq!(error(&other), (400, "unsupported_grant_type".to_owned()));
    let json = post("/oauth/token", &[]).without("Content-Type").with("Content-Type", "application/json");
    assert_eq!(json.body("{}").to(&scene.portal).status, 415);
    let elsewhere = scene.redeem_with(&code, &[("resource", "https://other.example.com")]);
    assert_eq!(error(&elsewhere), (400, "invalid_target".to_owned()));
    // None of it used the code up.
    Tokens::of(&scene.redeem_with(&code, &[("resource", RESOURCE)]));
});

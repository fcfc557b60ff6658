//! New tokens from a real provider, whose refresh tokens work once.

use super::provider::Provider;
use super::{add, add_with, age, ok, run, shown, token};
use crate::support::both;
use crate::support::cli::Sandbox;

both!(a_token_is_got_anew_before_it_ends, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    let client = sandbox.ok(&["mint", "alice"]);
    add(&sandbox, "ci", &provider.token_endpoint(), &provider.grant("public"));
    sandbox.ok(&["secret", "bind", "ci", "alice"]);
    let first = token(&sandbox, "ci");
    ok(&sandbox, &["oauth", "refresh", "ci"], "");
    assert_eq!((token(&sandbox, "ci"), provider.log().len()), (first.clone(), 0), "it lives long enough");
    // Each time another refresh token is sent: the one before is used up.
    for round in 2..5 {
        age(&sandbox, "ci", 30);
        let resolved =
            run(&sandbox, &["resolve", "--provider", "github", "-o", "plain"], &client).expect_code(0);
        let secret = resolved
            .stdout
            .lines()
            .last()
            .and_then(|line| line.split('\t').nth(1))
            .unwrap_or_default()
            .to_owned();
        assert!(provider.knows(&token(&sandbox, "ci")) && secret != first, "{}", resolved.stdout);
        assert_eq!(shown(&sandbox, "ci")["version"], round);
    }
    assert_eq!(provider.log(), vec![(200, None); 3]);
    // A command gets it, too.
    age(&sandbox, "ci", 0);
    let printed = ok(
        &sandbox,
        &["exec", "alice", "--env", "T=github", "--no-mask", "--", "sh", "-c", "printf %s \"$T\""],
        "",
    );
    assert!(provider.knows(&printed.stdout), "{}", printed.stdout);
    let credential = shown(&sandbox, "ci");
    assert!(credential["refreshed_at"].is_string() && credential["state"] == "active", "{credential}");
    sandbox.ok(&["store", "check"]);
});

both!(every_client_proves_itself_as_the_provider_wants, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    let endpoint = provider.token_endpoint();
    for (client, auth, key) in [
        ("basic:id", "client_secret_basic", None),
        ("post", "client_secret_post", None),
        ("signs-ec", "private_key_jwt", Some(include_str!("keys/ec.pem"))),
        ("signs-rsa", "private_key_jwt", Some(include_str!("keys/rsa.pem"))),
        ("signs-rsa", "private_key_jwt", Some(include_str!("keys/rsa_pkcs1.pem"))),
    ] {
        let mut tokens: serde_json::Value = serde_json::from_str(&provider.grant(client)).expect("JSON");
        if let Some(key) = key {
            tokens["private_key"] = key.into();
        }
        let name = format!("c{}", provider.log().len());
        let args = [
            "oauth",
            "add",
            &name,
            "--provider",
            "github",
            "--token-endpoint",
            &endpoint,
            "--client-id",
            client,
            "--client-auth",
            auth,
        ];
        ok(&sandbox, &args, &tokens.to_string());
        ok(&sandbox, &["oauth", "refresh", &name, "--force"], "");
        assert!(provider.knows(&token(&sandbox, &name)), "{client}");
    }
    assert_eq!(provider.log(), vec![(200, None); 5]);
});

both!(a_grant_that_ended_is_said_and_its_neighbours_are_tried, |place| {
    let (sandbox, provider) = (Sandbox::with_store(place), Provider::start(3600));
    let grants = provider.grants("public", 2);
    let of_alice = |name: &str, tokens: &str| {
        add_with(&sandbox, name, &provider.token_endpoint(), tokens, &["--account", "alice"]);
    };
    of_alice("one", &grants[0].to_string());
    of_alice("two", &grants[1].to_string());
    of_alice("apart", &provider.grant("public"));
    add(&sandbox, "unsaid", &provider.token_endpoint(), &provider.grant("public"));
    // Somebody else uses the first one's refresh token: the provider ends the grant when it comes a second time.
    let other = Sandbox::with_store(if sandbox.place.database.is_some() {
        crate::support::store::Place::postgres()
    } else {
        crate::support::store::Place::sqlite()
    });
    add(&other, "thief", &provider.token_endpoint(), &grants[0].to_string());
    ok(&other, &["oauth", "refresh", "thief", "--force"], "");
    let refused = run(&sandbox, &["oauth", "refresh", "one", "--force"], "").expect_code(8);
    assert!(refused.stderr.contains("keyctl oauth replace one"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("two, of the same client and account, is refused, too"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("apart, of the same client and account, works on"), "{}", refused.stderr);
    for (name, state) in [("one", "needs_reauth"), ("two", "needs_reauth"), ("apart", "active")] {
        assert_eq!(shown(&sandbox, name)["state"], state, "{name}");
    }
    assert_eq!(shown(&sandbox, "unsaid")["version"], 1, "nobody said that it is alice's");
    let asked = provider.log().len();
    run(&sandbox, &["oauth", "refresh", "one", "--force"], "").expect_code(8);
    assert_eq!(provider.log().len(), asked, "what was refused is not sent again");
    // After a new sign-in all is well.
    ok(&sandbox, &["oauth", "replace", "one"], &provider.grant("public"));
    ok(&sandbox, &["oauth", "refresh", "one", "--force"], "");
    assert_eq!(shown(&sandbox, "one")["state"], "active");
    sandbox.ok(&["store", "check"]);
});

//! Whoever writes a row into the database is found by `store check`.

use super::scene::{Scene, Tokens};
use crate::support::both;

both!(a_row_that_no_record_speaks_of_is_found, |place| {
    let scene = Scene::new(place);
    let tokens = scene.tokens(&["files"]);
    Tokens::of(&scene.refresh(&tokens.refresh));
    scene.check();
    let found = |sql: &str, back: &str, said: &str| {
        scene.sandbox.place.sql(sql).expect(sql);
        let ran = scene.sandbox.run(&["store", "check"]);
        assert_ne!(ran.code, Some(0), "{sql}: {ran:?}");
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(said), "{said}: {ran:?}");
        scene.sandbox.place.sql(back).expect(back);
        scene.check();
    };
    found(
        "INSERT INTO mcp_client VALUES ('mcl_01h455vb4pex5vsknk084sn02q', 'Evil', '[\"https://evil.example/\"]', 1, 0)",
        "DELETE FROM mcp_client WHERE name = 'Evil'",
        "is in no record of the audit log",
    );
    found(
        "UPDATE mcp_client SET redirect_uris = '[\"https://evil.example/\"]'",
        "UPDATE mcp_client SET redirect_uris = '[\"http://127.0.0.1/callback\"]'",
        "redirect_uris is",
    );
    found("UPDATE mcp_client SET device = 0", "UPDATE mcp_client SET device = 1", "device is");
    found("UPDATE mcp_sign_in SET refreshes = 0", "UPDATE mcp_sign_in SET refreshes = 1", "refreshes is");
    found(
        "UPDATE mcp_grant SET resource = 'https://other.example.com'",
        "UPDATE mcp_grant SET resource = 'https://mcp.example.com/mcp'",
        "resource is",
    );
    found(
        "UPDATE mcp_sign_in SET refreshed_at = refreshed_at + 1",
        "UPDATE mcp_sign_in SET refreshed_at = refreshed_at - 1",
        "refreshed_at is",
    );
    // Not ended any more.
    scene.sandbox.ok(&["client", "list"]);
});

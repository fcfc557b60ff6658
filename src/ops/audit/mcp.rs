//! Clients that speak MCP and their sign-ins as the log tells them, and whether the store has the same: whoever writes one into the
//! database is let in by it.

use serde_json::{Value, json};

use super::compare::Comparison;
use super::replay::{Body, Kind, Replay, copy};
use crate::ops::error::Result;
use crate::ops::portal::clients::registered;
use crate::store::{ClientLookup as _, GrantLookup as _, SignInLookup as _, Store};

impl Replay {
    /// A record of a client's.
    pub(super) fn mcp(&mut self, body: &Body, seq: u64) -> Result<()> {
        let (at, details) = (json!(body.at), &body.details);
        match body.action.as_str() {
            "client.add" | "client.delete" => {
                let Some(client) = details["client"].as_str() else { return Ok(()) };
                if body.action == "client.delete" {
                    return self.take(Kind::Client, client).map(drop);
                }
                return self.change(Kind::Client, client, |client| {
                    copy(details, &["name", "redirect_uris"], client, seq);
                    // Not said of those that were registered before there was a choice: they may not.
                    client.say("device", json!(details["device"] == true), seq);
                });
            }
            "client.consent" => {
                let Some(key) = &body.key else { return Ok(()) };
                self.change(Kind::Grant, key, |grant| copy(details, &["client", "resource"], grant, seq))?;
            }
            _ => {}
        }
        let Some(id) = details["sign_in"].as_str() else { return Ok(()) };
        self.change(Kind::SignIn, id, |sign_in| match body.action.as_str() {
            "client.consent" => {
                sign_in.say("key", json!(body.key), seq);
                sign_in.say("redirect_uri", details["redirect_uri"].clone(), seq);
                // Before there was a choice, all did.
                sign_in.say("refreshes", json!(details["refreshes"] != false), seq);
                for not_yet in ["redeemed_at", "refreshed_at"] {
                    sign_in.say(not_yet, Value::Null, seq);
                }
            }
            "client.redeem" => sign_in.say("redeemed_at", at, seq),
            "client.refresh" => sign_in.say("refreshed_at", at, seq),
            "client.end" => sign_in.say("ended_at", at, seq),
            _ => {}
        })
    }
}

impl Comparison {
    /// Whatever may let a client in. What is over or forgotten is borne, as for people.
    pub(super) fn mcp(&mut self, store: &mut Store) -> Result<()> {
        for client in store.mcp_clients()? {
            let subject = format!("client {} ({})", client.id, client.name);
            let hint = format!("delete it, and register it again: keyctl client delete {}", client.id);
            let actual = registered::attributes(&client);
            self.one(Kind::Client, &client.id.to_string(), (&subject, &hint), &actual)?;
        }
        let mut grants = Vec::new();
        store.each_mcp_grant(&mut |grant| grants.push(grant.clone()))?;
        for grant in grants {
            let subject = format!("what key {} lets a client do", grant.key);
            let hint = format!("end it: keyctl revoke {}", grant.key);
            let actual = [("client", json!(grant.client)), ("resource", json!(grant.resource))];
            self.one(Kind::Grant, &grant.key.to_string(), (&subject, &hint), &actual)?;
        }
        let mut sign_ins = Vec::new();
        store.each_mcp_sign_in(&mut |sign_in| sign_ins.push(sign_in.clone()))?;
        for sign_in in sign_ins {
            let subject = format!("the sign-in {} of a client", sign_in.id);
            let hint = format!("end it with all of the client's: keyctl revoke {}", sign_in.key);
            let actual = [
                ("key", json!(sign_in.key)),
                ("redirect_uri", json!(sign_in.redirect_uri)),
                ("refreshes", json!(sign_in.refreshes)),
                ("redeemed_at", json!(sign_in.redeemed_at)),
                ("refreshed_at", json!(sign_in.refreshed_at)),
                ("ended_at", json!(sign_in.ended_at)),
            ];
            self.one(Kind::SignIn, &sign_in.id.to_string(), (&subject, &hint), &actual)?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        kind: Kind,
        id: &str,
        (subject, hint): (&str, &str),
        actual: &[(&'static str, Value)],
    ) -> Result<()> {
        let Some(said) = self.replay.take(kind, id)? else {
            self.unknown(subject, hint);
            return Ok(());
        };
        for (name, actual) in actual {
            self.compare("key", subject, name, actual, &said, hint);
        }
        Ok(())
    }
}

//! `keyctl serve --explain`: what a gateway would be told of a request, without a server.

use std::net::IpAddr;

use crate::cli::completion::Stored;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::terminal::ui::Ui;
use crate::config::serve::serve_settings::ServeSettings;
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::policies::policy::Policies;
use crate::domain::policies::request_line::RequestLine;
use crate::domain::policies::requirement::Requirement;
use crate::ops::policies::explain::{Explanation, Question, explain, policy_meant};
use crate::render::explained::Explained;

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// Say by which policy, route and rule a request passes or not, as in 'GET /v1/memories/alice'; serves nothing
    // Parsed when it is used: clap would repeat a wrong one, query and all.
    #[arg(long, value_name = "REQUEST", requires = "as_key", conflicts_with = "check")]
    pub(super) explain: Option<String>,
    /// The key that would come with it: an id, owner/name, or a token's prefix
    #[arg(long, value_name = "KEY", requires = "explain", add = Stored::Keys)]
    as_key: Option<KeyRef>,
    /// Explain this one alone, as a gateway names it: @NAME, or a scope [default: all of the configuration]
    #[arg(long, value_name = "@NAME|SCOPE", requires = "explain", add = Stored::Scopes)]
    #[arg(value_parser = Requirement::parse)]
    policy: Option<Requirement>,
    /// The client's address; without it networks are left out
    #[arg(long, value_name = "ADDRESS", requires = "explain")]
    ip: Option<IpAddr>,
}

pub(super) fn run(context: &mut Context, args: &ExplainArgs, settings: &ServeSettings) -> anyhow::Result<()> {
    let (Some(typed), Some(key)) = (&args.explain, &args.as_key) else {
        return Err(CliError::invalid("no key is named", "name it: --as-key KEY").into());
    };
    let line: RequestLine = typed.parse().map_err(|error| {
        CliError::invalid(
            format!("--explain: {error}"),
            "write method and path in one word: 'GET /v1/memories/alice'",
        )
        .because(error)
    })?;
    let question = Question {
        policies: &settings.policies,
        policy: args.policy.as_ref(),
        observes_all: settings.observe.value,
        line: &line,
        key,
        address: args.ip,
    };
    let mut store = context.open_to_find()?;
    let explanation = explain(&mut store, &question)?;
    let now = store.now()?;
    let shown = match context.ui.chosen() {
        None => Explained::all(&explanation).try_for_each(|one| Ui::line(&one.to_string())),
        Some(_) => {
            context.ui.list(now, |out| Explained::all(&explanation).try_for_each(|one| Ok(out.push(&one)?)))
        }
    };
    Ui::whether_or_not_read(shown)?;
    note_what_is_left_out(context, &explanation, settings.read_only.value);
    if let Some(Requirement::Scope(scope)) = &args.policy {
        note_policy_meant(context, scope.as_str(), &settings.policies);
    }
    explanation.denial().map_or(Ok(()), |denial| Err(CliError::denied(denial).into()))
}

fn note_what_is_left_out(context: &Context, explanation: &Explanation, is_read_only: bool) {
    let key = &explanation.key;
    if explanation.leaves_networks_out {
        let note =
            format!("{} may be used from its networks alone; they are left out without --ip", key.path());
        context.ui.note(&note);
    }
    let of_owner = format!("all keys of {} together", key.owner);
    for (whose, quota) in [(key.path(), key.quota), (of_owner, explanation.owner_quota)] {
        let Some(quota) = quota else { continue };
        let then = if is_read_only {
            "which is not counted where nothing is recorded, and so refused [quota]"
        } else {
            "which is left out here: where it is spent, the answer is 429 [quota_exceeded]"
        };
        context.ui.note(&format!("{whose} may be used {quota}, {then}"));
    }
}

/// A gateway that leaves out the `@` asks for a scope, and so does who types it here.
fn note_policy_meant(context: &Context, typed: &str, policies: &Policies) {
    if let Some(near) = policy_meant(policies, typed) {
        context.ui.note(&format!("{typed} is a scope, as in /auth/nginx/{typed}; the policy is @{near}"));
    }
}

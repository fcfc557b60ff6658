//! What is other in a store than a manifest declares, but for keys: see [`super::keys`].

use serde_json::{Value, json};

use super::keys::{self, Steps};
use super::known::{Known, chosen, current};
use super::policy;
use super::step::{Act, Choice, Difference, HeldBack, Object, PlanError, Step};
use crate::domain::owners::owner::Owner;
use crate::domain::owners::role::{Role, RoleName};
use crate::domain::provisioning::manifest::{Bindings, Fault, Manifest, OwnerEntry, RoleEntry, TrustEntry};
use crate::domain::provisioning::written::Written;
use crate::domain::secrets::secret::Subject;
use crate::domain::time::Timestamp;
use crate::domain::trusts::issuer_keys::IssuerKeys;
use crate::domain::trusts::terms::{Claim, RequiredClaims, Terms, Trust, TrustName};
use crate::ops::keys::mint::{check_everything, own_prefix};
use crate::ops::owners::role::check_scopes;
use crate::ops::trusts::add::attributes as trust_attributes;
use crate::store::{BindingLookup as _, Lookup, SecretLookup as _};

/// The steps, in the order in which they can be done: roles and owners before the keys that have them.
pub(super) fn differences(
    store: &mut impl Lookup,
    manifest: &Manifest,
    choice: &Choice,
    known: &Known,
    at: Timestamp,
) -> Result<(Vec<Step>, Vec<HeldBack>), PlanError> {
    let mut steps = Vec::new();
    if choice.select.is_none() {
        steps.extend(policy(manifest, known)?);
        for (name, entry) in &manifest.roles {
            steps.extend(role(name, entry, known.roles.get(name))?);
        }
        for (name, entry) in &manifest.owners {
            steps.extend(owner(name, entry, known));
        }
    }
    let Steps { keys, held_back } = keys::differences(manifest, choice, known, at)?;
    steps.extend(keys);
    if choice.select.is_none() {
        steps.extend(bindings(store, &manifest.bind, Object::Store, Some(&Subject::Store))?);
        for (name, entry) in &manifest.owners {
            let subject = known.owners.contains_key(name).then(|| Subject::Owner(name.clone()));
            steps.extend(bindings(store, &entry.bind, Object::Owner(name.clone()), subject.as_ref())?);
        }
    }
    for path in chosen(manifest, choice) {
        let subject = current(manifest, known, path).map(|key| Subject::Key(key.id));
        let bind = &manifest.keys[path].bind;
        steps.extend(bindings(store, bind, Object::Key(path.clone()), subject.as_ref())?);
    }
    if choice.select.is_none() {
        for (name, entry) in &manifest.trusts {
            steps.extend(trust(name, entry, known, manifest)?);
        }
    }
    policy::check(store, manifest, known, &steps, at)?;
    Ok((steps, held_back))
}

/// The rules that are others than declared. They are set before all else, which is then held to them.
fn policy(manifest: &Manifest, known: &Known) -> Result<Option<Step>, Fault> {
    for prefix in manifest.policy.iter().flat_map(|policy| policy.prefixes.iter().flatten()) {
        own_prefix(&prefix.value).map_err(|error| Fault::at("policy", "policy", error.to_string()))?;
    }
    let (old, new) = (policy::values(&known.rules), policy::values(&known.wanted_rules));
    let differences: Vec<Difference> = (old.into_iter().zip(new))
        .filter(|((_, old), (_, new))| old != new)
        .map(|((name, old), (_, new))| Difference::of(name, old, new))
        .collect();
    Ok((!differences.is_empty()).then(|| Step::new(Object::Policy, Act::Change, differences)))
}

fn role(name: &RoleName, entry: &RoleEntry, found: Option<&Role>) -> Result<Option<Step>, Fault> {
    let wanted = &entry.scopes.value;
    check_scopes(wanted, entry.allow_all).map_err(|error| Fault::at("roles", name, error.to_string()))?;
    let old = found.map(|role| &role.scopes);
    if old == Some(wanted) {
        return Ok(None);
    }
    let act = if old.is_none() { Act::Create } else { Act::Change };
    let difference = Difference::of("scopes", json!(old), json!(wanted));
    Ok(Some(Step::new(Object::Role(name.clone()), act, vec![difference])))
}

/// One that was renamed is looked at as what it was.
fn owner(name: &Owner, entry: &OwnerEntry, known: &Known) -> Vec<Step> {
    let object = || Object::Owner(name.clone());
    let mut steps = Vec::new();
    let mut found = known.owners.get(name);
    if let (None, Some(was)) = (found, &entry.was)
        && let Some(before) = known.owners.get(&was.value)
    {
        let difference = Difference::of("name", json!(before.name), json!(name));
        steps.push(Step::new(object(), Act::Rename, vec![difference]));
        found = Some(before);
    }
    let subject = entry.subject.as_ref().map(|subject| &subject.value);
    let quota = entry.quota.as_ref().map(|quota| quota.value);
    let text =
        |quota: Option<_>| json!(quota.map(|quota: crate::domain::keys::limit::Quota| quota.to_string()));
    let Some(found) = found else {
        let mut differences = Vec::new();
        differences.extend(subject.map(|subject| Difference::of("subject", Value::Null, json!(subject))));
        differences.extend(quota.map(|_| Difference::of("quota", Value::Null, text(quota))));
        steps.push(Step::new(object(), Act::Create, differences));
        return steps;
    };
    let mut differences = Vec::new();
    if let Some(subject) = subject.filter(|subject| **subject != found.subject) {
        differences.push(Difference::of("subject", json!(found.subject), json!(subject)));
    }
    if quota.is_some() && quota != found.quota {
        differences.push(Difference::of("quota", text(found.quota), text(quota)));
    }
    if !differences.is_empty() {
        steps.push(Step::new(object(), Act::Change, differences));
    }
    steps
}

fn bindings(
    store: &mut impl Lookup,
    wanted: &Bindings,
    object: Object,
    subject: Option<&Subject>,
) -> Result<Vec<Step>, PlanError> {
    let mut differences = Vec::new();
    let (section, entry) = match &object {
        Object::Owner(name) => ("owners", name.to_string()),
        Object::Key(path) => ("keys", path.to_string()),
        _ => ("bind", String::new()),
    };
    for (provider, name) in wanted {
        let name = name.as_ref().map(|name| &name.value);
        if let Some(name) = name {
            let fault = |problem: String| PlanError::Fault(Fault::at(section, &entry, problem));
            let Some(secret) = store.secret(name)? else {
                return Err(fault(format!(
                    "there is no secret {name}; put it there: keyctl secret set {provider} {name}"
                )));
            };
            if secret.provider != *provider {
                return Err(fault(format!(
                    "the secret {name} is for {}, not for {provider}",
                    secret.provider
                )));
            }
        }
        let bound = match subject {
            Some(subject) => store.bound_secret(subject, provider)?.map(|secret| secret.name),
            None => None,
        };
        if bound.as_ref() != name {
            let name = json!(name);
            differences.push(Difference::of(provider.as_str(), json!(bound), name));
        }
    }
    Ok((!differences.is_empty()).then(|| Step::new(object, Act::Bind, differences)).into_iter().collect())
}

/// The terms that an entry asks for.
pub(super) fn terms(name: &TrustName, entry: &TrustEntry) -> Result<Terms, Fault> {
    let fault = |problem: String| Fault::at("trusts", name, problem);
    let mut claims = Vec::new();
    for (claim, value) in &entry.claims {
        let claim: Claim = format!("{claim}={value}").parse().map_err(|error| fault(format!("{error}")))?;
        claims.push(claim);
    }
    let keys: Option<IssuerKeys> = None;
    let terms = Terms {
        issuer: entry.issuer.value.clone(),
        audience: entry.audience.value.clone(),
        claims: RequiredClaims::of(claims).map_err(|error| fault(error.to_string()))?,
        any_ref: entry.any_ref,
        ttl: entry.ttl.as_ref().map_or(Terms::TTL, |ttl| ttl.value.0),
        keys,
    };
    terms.check().map_err(|error| fault(error.to_string()))?;
    Ok(terms)
}

fn trust(
    name: &TrustName,
    entry: &TrustEntry,
    known: &Known,
    manifest: &Manifest,
) -> Result<Option<Step>, Fault> {
    let wanted = terms(name, entry)?;
    check_everything(&entry.scopes.value, entry.allow_all)
        .map_err(|error| Fault::at("trusts", name, format!("{error}; if that is meant: allow_all: true")))?;
    keys::check_roles("trusts", name, &entry.roles, known, manifest)?;
    let object = Object::Trust(name.clone());
    let roles: Vec<&str> = entry.roles.iter().map(|role| role.value.as_str()).collect();
    let Some((found, key)) = known.trusts.get(name) else {
        let mut differences = vec![
            Difference::of("issuer", Value::Null, json!(wanted.issuer)),
            Difference::of("audience", Value::Null, json!(wanted.audience)),
            Difference::of("claims", Value::Null, json!(wanted.claims)),
            Difference::of("any_ref", Value::Null, json!(wanted.any_ref)),
            Difference::of("ttl_seconds", Value::Null, json!(wanted.ttl.span().as_secs())),
            Difference::of("expires_at", Value::Null, json!(entry.expires.as_ref().map(Written::text))),
            Difference::of("owner", Value::Null, json!(entry.owner.value)),
            Difference::of("scopes", Value::Null, json!(entry.scopes.value)),
        ];
        if !roles.is_empty() {
            differences.push(Difference::of("roles", Value::Null, json!(roles)));
        }
        return Ok(Some(Step::new(object, Act::Create, differences)));
    };
    // Keys that were given inline stand in no manifest, and stay.
    let now = Trust { terms: Terms { keys: found.terms.keys.clone(), ..wanted }, ..found.clone() };
    let mut differences: Vec<Difference> = trust_attributes(found)
        .into_iter()
        .zip(trust_attributes(&now))
        .filter(|((_, old), (_, new))| old != new)
        .map(|((name, old), (_, new))| Difference::of(name, old, new))
        .collect();
    if let Some(key) = key {
        let mut compare = |name: &str, old: Value, new: Value| {
            if old != new {
                differences.push(Difference::of(name, old, new));
            }
        };
        compare("owner", json!(key.owner), json!(entry.owner.value));
        compare("scopes", json!(key.scopes), json!(entry.scopes.value));
        let mut roles: Vec<_> = entry.roles.iter().map(|role| role.value.clone()).collect();
        roles.sort();
        compare("roles", json!(key.roles), json!(roles));
        if let Some(expiry) = entry.expires.as_ref().filter(|expiry| !expiry.value.may_be(key.expires_at)) {
            compare("expires_at", json!(key.expires_at), json!(expiry.text()));
        }
    }
    Ok((!differences.is_empty()).then(|| Step::new(object, Act::Replace, differences)))
}

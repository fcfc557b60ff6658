//! Owners with their subjects, and roles.

mod lives;
mod quotas;
mod refused_owners;
mod refused_roles;
mod roles;
mod subjects;
mod typed_subjects;

//! What can be done, under the names that records have.

/// An action of an audit record. A record of a later keyctl may have another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    ApolloHide,
    ApolloShow,
    Edit,
    Import,
    MasterLost,
    MasterRegister,
    MasterReseal,
    MasterRetire,
    MasterRotate,
    Mint,
    OwnerAdd,
    OwnerDelete,
    OwnerDisable,
    OwnerEnable,
    OwnerRename,
    OwnerSet,
    Resume,
    Revoke,
    RoleDelete,
    RoleSet,
    Rotate,
    ScopeAdd,
    ScopeRemove,
    ScopeSet,
    SecretBind,
    SecretDelete,
    SecretGet,
    SecretPurge,
    SecretRollback,
    SecretRotate,
    SecretSet,
    SecretUnbind,
    StoreAcceptRollback,
    StoreGrant,
    StoreInit,
    Suspend,
}

impl Action {
    /// Every one, by name.
    pub const ALL: [Self; 36] = [
        Self::ApolloHide,
        Self::ApolloShow,
        Self::Edit,
        Self::Import,
        Self::MasterLost,
        Self::MasterRegister,
        Self::MasterReseal,
        Self::MasterRetire,
        Self::MasterRotate,
        Self::Mint,
        Self::OwnerAdd,
        Self::OwnerDelete,
        Self::OwnerDisable,
        Self::OwnerEnable,
        Self::OwnerRename,
        Self::OwnerSet,
        Self::Resume,
        Self::Revoke,
        Self::RoleDelete,
        Self::RoleSet,
        Self::Rotate,
        Self::ScopeAdd,
        Self::ScopeRemove,
        Self::ScopeSet,
        Self::SecretBind,
        Self::SecretDelete,
        Self::SecretGet,
        Self::SecretPurge,
        Self::SecretRollback,
        Self::SecretRotate,
        Self::SecretSet,
        Self::SecretUnbind,
        Self::StoreAcceptRollback,
        Self::StoreGrant,
        Self::StoreInit,
        Self::Suspend,
    ];

    /// The name that records have.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApolloHide => "apollo.hide",
            Self::ApolloShow => "apollo.show",
            Self::Edit => "edit",
            Self::Import => "import",
            Self::MasterLost => "master.lost",
            Self::MasterRegister => "master.register",
            Self::MasterReseal => "master.reseal",
            Self::MasterRetire => "master.retire",
            Self::MasterRotate => "master.rotate",
            Self::Mint => "mint",
            Self::OwnerAdd => "owner.add",
            Self::OwnerDelete => "owner.delete",
            Self::OwnerDisable => "owner.disable",
            Self::OwnerEnable => "owner.enable",
            Self::OwnerRename => "owner.rename",
            Self::OwnerSet => "owner.set",
            Self::Resume => "resume",
            Self::Revoke => "revoke",
            Self::RoleDelete => "role.delete",
            Self::RoleSet => "role.set",
            Self::Rotate => "rotate",
            Self::ScopeAdd => "scope.add",
            Self::ScopeRemove => "scope.remove",
            Self::ScopeSet => "scope.set",
            Self::SecretBind => "secret.bind",
            Self::SecretDelete => "secret.delete",
            Self::SecretGet => "secret.get",
            Self::SecretPurge => "secret.purge",
            Self::SecretRollback => "secret.rollback",
            Self::SecretRotate => "secret.rotate",
            Self::SecretSet => "secret.set",
            Self::SecretUnbind => "secret.unbind",
            Self::StoreAcceptRollback => "store.accept-rollback",
            Self::StoreGrant => "store.grant",
            Self::StoreInit => "store.init",
            Self::Suspend => "suspend",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_listed_once_and_by_name() {
        assert!(Action::ALL.map(Action::as_str).is_sorted_by(|one, next| one < next));
    }
}

//! Which master keys the buyers in the database are found and read with, and how they leave a former one.

use super::connection::{Connection, sql};
use super::{
    customers::{read_customer, replace_sealed, stored_customer},
    error::Error,
    instance_lock::InstanceLock,
    store::Store,
};
use crate::{
    ports::{self, StoredCustomer},
    sealed_customer::{keys_of, reseal},
    vault::{KeyId, Vault},
};

use std::collections::{BTreeMap, BTreeSet};

/// Buyers of one transaction: the running merchant's writes wait for it.
const BATCH_SIZE: u32 = 100;

/// How many buyers need which master key.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MasterKeyUse {
    pub by_key: BTreeMap<KeyId, u64>,
    /// Buyers who need one that is not in the vault.
    pub unreadable: u64,
    /// Buyers whose hash cannot be made anew before their next sign-in, because the id of their
    /// account is not kept.
    pub awaiting_sign_in: u64,
}

impl Store {
    /// Counts, reading every buyer.
    pub async fn master_key_use(&self, vault: &Vault) -> Result<MasterKeyUse, ports::Error> {
        let mut counted = MasterKeyUse::default();
        let mut last = String::new();
        loop {
            let customers = customers_after(&mut *self.reader().await?, &last).await?;
            for customer in &customers {
                let Ok(keys) = keys_of(vault, customer) else {
                    counted.unreadable += 1;
                    continue;
                };
                let is_former = |key: &KeyId| *key != vault.current_id();
                if customer.gopay_account_id.is_none() && keys.iter().any(is_former) {
                    counted.awaiting_sign_in += 1;
                }
                for key in keys {
                    *counted.by_key.entry(key).or_default() += 1;
                }
            }
            match customers.last() {
                Some(customer) => last = customer.id.to_string(),
                None => return Ok(counted),
            }
        }
    }

    /// Brings every buyer under the current key who can be; how many were changed. Where it breaks off,
    /// the next run goes on. What changes meanwhile is left to the next run, too.
    pub async fn reseal_customers(&self, vault: &Vault) -> Result<u64, Error> {
        self.check_master_key(vault).await?;
        let mut changed = 0;
        let mut last = String::new();
        loop {
            let mut tx = self.write().await?;
            let customers = customers_after(&mut tx, &last).await?;
            for customer in &customers {
                if let Ok(Some(resealed)) = reseal(vault, customer) {
                    changed += u64::from(replace_sealed(&mut tx, customer, &resealed).await?);
                }
            }
            tx.commit().await?;
            match customers.last() {
                Some(customer) => last = customer.id.to_string(),
                None => return Ok(changed),
            }
        }
    }

    /// Fails where no merchant has been started with the key that this vault seals under.
    pub async fn check_master_key(&self, vault: &Vault) -> Result<(), Error> {
        match self.master_keys().await?.contains(&vault.current_id()) {
            true => Ok(()),
            false => Err(Error::MasterKeyNotInUse(vault.current_id())),
        }
    }

    /// Notes the keys that a merchant is started with, after it has been seen that no buyer needs one
    /// that is missing: they would be taken for new ones, and not find their orders. Beside other processes, a
    /// key becomes the first one only after all of them have it, and none is forgotten.
    pub async fn adopt_master_keys(
        &self,
        vault: &Vault,
        lock: &mut InstanceLock,
    ) -> Result<(), Error> {
        let before = self.master_keys().await?;
        let is_new = !before.is_empty() && !before.contains(&vault.current_id());
        if is_new && !lock.wait_until_alone().await? {
            return Err(Error::MasterKeyTooEarly(vault.current_id()));
        }
        let now: BTreeSet<KeyId> = vault.ids().collect();
        let missing: Vec<KeyId> = before.difference(&now).copied().collect();
        if before.is_empty() || !missing.is_empty() {
            let buyers = self.master_key_use(vault).await?.unreadable;
            if buyers > 0 && !missing.is_empty() {
                return Err(Error::MasterKeyMissing { missing, buyers });
            }
            if buyers > 0 {
                tracing::error!(
                    event = "vault.unreadable",
                    buyers,
                    "buyers were sealed under a master key that is not configured: they are taken for new ones, and do not find their orders"
                );
            }
        }
        let kept = match lock.is_alone() {
            true => now,
            false => before.union(&now).copied().collect(),
        };
        if before != kept {
            self.write_master_keys(&kept).await?;
        }
        Ok(())
    }

    /// A merchant may be started without the keys that this vault does not have.
    pub async fn abandon_master_keys(&self, vault: &Vault) -> Result<(), ports::Error> {
        let mut kept = self.master_keys().await?;
        kept.retain(|id| vault.ids().any(|known| known == *id));
        self.write_master_keys(&kept).await
    }

    async fn master_keys(&self) -> Result<BTreeSet<KeyId>, ports::Error> {
        let rows = sql("select id from master_keys")
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter()
            .map(|row| KeyId::of(row.get("id")?).ok_or(ports::Error::CorruptRow("the id of a key")))
            .collect()
    }

    async fn write_master_keys(&self, ids: &BTreeSet<KeyId>) -> Result<(), ports::Error> {
        let mut tx = self.write().await?;
        sql("delete from master_keys").execute(&mut tx).await?;
        for id in ids {
            sql("insert into master_keys values ($1) on conflict do nothing")
                .bind(id.as_bytes())
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

async fn customers_after(
    connection: &mut Connection,
    id: &str,
) -> Result<Vec<StoredCustomer>, ports::Error> {
    let rows = sql(concat!(
        "select ",
        stored_customer!(),
        " from customers c where id > $1 order by id limit $2"
    ))
    .bind(id)
    .bind(BATCH_SIZE)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read_customer).collect()
}

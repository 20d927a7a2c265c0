//! Attachments, kept outside the database by the hash of their content.

use std::path::{Path, PathBuf};

use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use super::at::At;
use super::db::Tx;
use super::error::{Error, FieldError, Result};

/// The table of what is attached to what.
pub mod rows {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One attachment.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "files")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub hash: String,
        pub name: String,
        pub media_type: String,
        pub size: i64,
        pub created_at: At,
        pub created_by: Option<Uuid>,
        /// What it is attached to: `ticket`, `report`…
        pub owner_kind: String,
        pub owner_id: Uuid,
        pub project_id: Option<Uuid>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Largest attachment, in bytes.
pub const MAX_SIZE: usize = 50 * 1024 * 1024;

/// The folder of contents.
#[derive(Clone, Debug)]
pub struct Files(PathBuf);

/// A content that is stored and not yet attached to anything.
#[derive(Clone, Debug)]
pub struct Stored {
    /// SHA-256 of the content, in hex.
    pub hash: String,
    /// Bytes.
    pub size: i64,
}

impl Files {
    /// Opens the folder, creating it when missing.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(Error::storage)?;
        Ok(Self(folder.to_owned()))
    }

    /// Stores a content. It is on the disk, under its final name, before this returns; the same
    /// content is stored once.
    ///
    /// # Errors
    /// When it is larger than [`MAX_SIZE`] or the disk refuses.
    pub async fn put(&self, content: &[u8]) -> Result<Stored> {
        if content.len() > MAX_SIZE {
            return Err(Error::Invalid(vec![
                FieldError::new("file", "file_too_large").with("max", MAX_SIZE / 1024 / 1024),
            ]));
        }
        let hash = hex::encode(Sha256::digest(content));
        let path = self.path(&hash);
        let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
        if tokio::fs::try_exists(&path)
            .await
            .map_err(|error| Error::io(&error))?
        {
            return Ok(Stored { hash, size });
        }
        let folder = path.parent().unwrap_or(&self.0).to_owned();
        tokio::fs::create_dir_all(&folder)
            .await
            .map_err(|error| Error::io(&error))?;
        let draft = folder.join(format!(".{}", Uuid::now_v7()));
        let written = async {
            let mut file = tokio::fs::File::create(&draft).await?;
            file.write_all(content).await?;
            file.sync_all().await?;
            tokio::fs::rename(&draft, &path).await?;
            // The entry of a folder is written through as well, or the name could be lost with the
            // power although its content is there.
            for folder in [&folder, &self.0] {
                tokio::fs::File::open(folder).await?.sync_all().await?;
            }
            Ok(())
        };
        if let Err(error) = written.await {
            drop(tokio::fs::remove_file(&draft).await);
            return Err(Error::io(&error));
        }
        Ok(Stored { hash, size })
    }

    /// Reads a content back and checks it against its hash.
    ///
    /// # Errors
    /// When it is missing or no longer what was stored.
    pub async fn get(&self, hash: &str) -> Result<Vec<u8>> {
        let content = tokio::fs::read(self.path(hash))
            .await
            .map_err(Error::storage)?;
        if hex::encode(Sha256::digest(&content)) != hash {
            return Err(Error::storage(format!(
                "content {hash} was changed on the disk"
            )));
        }
        Ok(content)
    }

    fn path(&self, hash: &str) -> PathBuf {
        self.0.join(hash.get(..2).unwrap_or("00")).join(hash)
    }
}

/// What an attachment belongs to.
#[derive(Clone, Debug)]
pub struct Owner {
    /// `ticket`, `report`…
    pub kind: &'static str,
    /// Which one.
    pub id: Uuid,
    /// Its project.
    pub project: Option<Uuid>,
    /// Who attached it.
    pub by: Option<Uuid>,
}

/// Attaches a stored content to its owner.
///
/// # Errors
/// When the name is empty or too long, or the store fails.
pub async fn attach(tx: &Tx, stored: Stored, name: &str, owner: Owner) -> Result<rows::Model> {
    let name = clean_name(name)?;
    let row = rows::ActiveModel {
        id: Set(Uuid::now_v7()),
        hash: Set(stored.hash),
        media_type: Set(mime_guess::from_path(&name)
            .first_or_octet_stream()
            .to_string()),
        name: Set(name),
        size: Set(stored.size),
        created_at: Set(tx.now),
        created_by: Set(owner.by),
        owner_kind: Set(owner.kind.to_owned()),
        owner_id: Set(owner.id),
        project_id: Set(owner.project),
    };
    Ok(row.insert(&tx.db).await?)
}

/// The attachments of one owner, oldest first.
///
/// # Errors
/// When the store fails.
pub async fn of(db: &impl sea_orm::ConnectionTrait, owner: Uuid) -> Result<Vec<rows::Model>> {
    Ok(rows::Entity::find()
        .filter(rows::Column::OwnerId.eq(owner))
        .order_by_asc(rows::Column::CreatedAt)
        .all(db)
        .await?)
}

/// The bare file name, without folders or characters that a file system or header would trip over.
fn clean_name(name: &str) -> Result<String> {
    let bare = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = bare
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '<' | '>' | '|' | '*' | '?' | ':'))
        .collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() || clean.chars().count() > 200 {
        return Err(Error::field("file", "bad_file_name"));
    }
    Ok(clean)
}

/// An instant for a file name: `20261122-1430`.
#[must_use]
pub fn stamp(at: At) -> String {
    at.timestamp().strftime("%Y%m%d-%H%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_content_is_stored_once_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(folder.path()).unwrap();
        let first = files.put("机房照片".as_bytes()).await.unwrap();
        assert_eq!(
            files.put("机房照片".as_bytes()).await.unwrap().hash,
            first.hash
        );
        assert_eq!(files.get(&first.hash).await.unwrap(), "机房照片".as_bytes());
        std::fs::write(files.path(&first.hash), "changed").unwrap();
        assert!(files.get(&first.hash).await.is_err());
    }

    #[test]
    fn names_lose_what_could_harm() {
        assert_eq!(clean_name("../../etc/passwd").unwrap(), "passwd");
        assert_eq!(clean_name("C:\\图片\\机柜.jpg").unwrap(), "机柜.jpg");
        assert!(clean_name("..").is_err());
    }
}

//! What is done about files by themselves: scanning those that wait, and taking away what nobody named or nothing leads to.

use super::Attachments;
use crate::{
    desk::{Error, Planned, documents::Held},
    domain::{
        actor::Actor,
        attachment::{AttachedTo, Attachment, STAGED, Safety},
        document::DocumentKind,
        id::AttachmentId,
    },
    ports::{ChangeSet, documents::DocumentQuery},
};

impl Attachments<'_> {
    /// Whether a file waits to be scanned.
    pub(in crate::desk) async fn has_waiting(self) -> Result<bool, Error> {
        let waiting = self.0.counts_on::<Attachment>(&[Attachment::QUARANTINE.to_owned()]).await?;
        Ok(self.0.0.scanner.is_there() && waiting.first().is_some_and(|waiting| *waiting > 0))
    }

    /// Scans files in quarantine. Answers how many were judged.
    pub(in crate::desk) async fn scan_waiting(self, limit: u32) -> Result<u32, Error> {
        if !self.0.0.scanner.is_there() {
            return Ok(0);
        }
        let actor = Actor::system("scan");
        let query = DocumentQuery::rising(DocumentKind::Attachment, Attachment::QUARANTINE, limit);
        let mut judged = 0;
        for held in self.0.held_list::<Attachment>(&query).await?.items {
            // A scanner that is away today is asked again at the next turn, and so is every file that waits for it.
            let file = self.0.judge(held.value.clone()).await?;
            let plan = || async {
                let now: Option<Held<Attachment>> = self.0.held(held.value.id.uuid()).await?;
                let Some(now) = now.filter(|now| now.value.safety == Safety::Quarantined) else {
                    return Ok(Planned { changes: ChangeSet::default(), outcome: file.clone() });
                };
                // It may have been named in the meantime.
                let file = Attachment { safety: file.safety.clone(), ..now.value.clone() };
                let writes = vec![now.put(&file)?];
                Ok(Planned { changes: ChangeSet { writes, ..ChangeSet::default() }, outcome: file })
            };
            self.0.run(&actor, plan).await?;
            judged += 1;
        }
        Ok(judged)
    }

    /// Takes away files that nobody has named in time. Answers how many.
    pub(in crate::desk) async fn sweep_staged(self, limit: u32) -> Result<u32, Error> {
        let actor = Actor::system("sweep");
        let late = self.0.now() - STAGED;
        let query = DocumentQuery::rising(DocumentKind::Attachment, Attachment::STAGED, limit);
        let mut swept = 0;
        for held in self.0.held_list::<Attachment>(&query).await?.items {
            if held.value.created_at > late {
                break;
            }
            let id = held.value.id;
            let plan = || async {
                let now: Option<Held<Attachment>> = self.0.held(id.uuid()).await?;
                let staged = now.filter(|now| now.value.on == AttachedTo::Nothing);
                let writes = staged.iter().map(Held::remove).collect();
                let gone: Vec<Attachment> = staged.into_iter().map(|now| now.value).collect();
                Ok(Planned { changes: ChangeSet { writes, ..ChangeSet::default() }, outcome: gone })
            };
            for file in self.0.run(&actor, plan).await? {
                self.0.forget_file(&file.key).await;
                swept += 1;
            }
        }
        Ok(swept)
    }

    /// Takes away bytes to which no entry leads: of uploads that were cut off by a crash, and of entries whose bytes could
    /// not be taken away with them. Only those that have lain there for a day, because an entry comes after its bytes.
    /// Answers how many files went; it reads the whole file store, so it is done once a day.
    ///
    /// # Errors
    /// Failures of the stores; what was swept stays swept.
    pub async fn sweep_orphans(self) -> Result<u32, Error> {
        let late = self.0.now() - STAGED;
        let (mut after, mut swept) = (None::<String>, 0);
        loop {
            let page = self.0.0.files.list("", after.as_deref(), 500).await?;
            let Some(last) = page.last() else { return Ok(swept) };
            after = Some(last.key.clone());
            for stored in page.iter().filter(|stored| stored.at <= late) {
                let id = id_of(&stored.key);
                let held: Option<Held<Attachment>> = match id {
                    Some(id) => self.0.held(id.uuid()).await?,
                    // Whatever that is, it is not ours.
                    None => continue,
                };
                if held.is_none_or(|held| held.value.key != stored.key) {
                    self.0.0.files.delete(&stored.key).await?;
                    swept += 1;
                }
            }
        }
    }
}

/// The id of the file in a key: the second last part.
fn id_of(key: &str) -> Option<AttachmentId> {
    let mine = key.starts_with("tickets/") || key.starts_with("staged/");
    mine.then(|| key.rsplit('/').nth(1)?.parse().ok()).flatten()
}

//! Languages: which words say nothing, and what the stem of a word is.

use crate::words::Word;
use frostem::{Algorithm, Stemmer};
use std::{collections::HashMap, sync::LazyLock};

/// A language of which something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Language(Algorithm);

/// What text may be in of which nobody said anything.
const USUAL: [(Language, &str); 4] = [
    (Language(Algorithm::English), ENGLISH),
    (Language(Algorithm::German), GERMAN),
    (Language(Algorithm::French), FRENCH),
    (Language(Algorithm::Spanish), SPANISH),
];

/// Words of this many of a language's little ones make it the language of the text.
const EVIDENCE: usize = 2;

/// As many words of a text are looked at to find its language.
const SAMPLE: usize = 100;

// Words that stand in nearly every text and question, folded. Only questions leave them out: "The Who" is found by them.
const ENGLISH: &str = "a about after again all also am an and any are as at be because been before being both but by can \
    cannot could d did do does doesn doing don done during each for from further get gets getting give go got had has have \
    having he hello her here hers hi him his how i if im in into is isn it its itself just ll like m make may me might more \
    most my myself need no nor not now of off on once one only or other our ours out over own please possible re s same she \
    should so some such t than thank thanks that the their theirs them then there these they this those through to too until \
    up use ve very want was way we were what when where which while who whom why will with without won would you your yours";
const GERMAN: &str = "aber als also am an auch auf aus bei bin bis bitte da damit danke das dass dein dem den denn der des die \
    dies diese dieser dieses doch du durch ein eine einem einen einer eines er es etwas euch euer fur gibt habe haben hallo hat \
    hatte ich ihm ihn ihnen ihr ihre im in ist ja jede jeder kann kein keine konnen man mein meine meinem meinen meiner mich mir \
    mit mochte muss nach nein nicht noch nur ob oder ohne sehr sein seine sich sie sind so uber um und uns unser unter vom von \
    vor wann war warum was wegen weil welche welcher wenn wer werden wie wieder will wir wird wo wurde zu zum zur";
const FRENCH: &str = "a afin ai alors apres au aucun aussi autre aux avant avec avez avoir bonjour c car ce cela ces cet cette \
    chez comme comment d dans de des dois donc du elle elles en encore entre est et etait ete etre eu faire fait faut ici il ils \
    j je l la le les leur leurs lors lui m ma mais me meme mes moi mon n ne ni nos notre nous on ont ou par pas peut peux plus \
    pour pourquoi puis qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si son sont sous suis sur t ta te \
    tes toi ton tous tout toute toutes tres tu un une vers veux vos votre vous y";
const SPANISH: &str = "a al algo ante antes aqui asi aun aunque cada como con cual cuales cuando de del desde donde dos e el ella \
    ellas ellos en entre era es esa ese eso esta estaba estan estar este esto estos estoy fue gracias ha hace hacer han has hasta \
    hay he hola la las le les lo los mas me mi mis muy nada ni no nos nosotros o os otra otro para pero poco por porque puede \
    puedo que quien quiero se sea ser si sido sin sobre son soy su sus tambien tanto te tengo ti tiene todo todos tu tus un una \
    unas uno unos y ya yo";

impl Language {
    /// By the tag that it is known by, such as `en` or `pt-BR`; `None` for one of which no stems are known.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        let name = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Some(Self(match name.as_str() {
            "da" => Algorithm::Danish,
            "de" => Algorithm::German,
            "en" => Algorithm::English,
            "es" => Algorithm::Spanish,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "it" => Algorithm::Italian,
            "nb" | "nn" | "no" => Algorithm::Norwegian,
            "nl" => Algorithm::Dutch,
            "pt" => Algorithm::Portuguese,
            "sv" => Algorithm::Swedish,
            _ => return None,
        }))
    }
}

/// In which languages a text is taken to be.
#[derive(Clone)]
pub(crate) struct Languages {
    all: Vec<(Language, Stemmer)>,
    /// The one whose little words are told apart.
    first: Option<Language>,
}

impl Languages {
    /// Those of a text, by what somebody said about it, or else by its own words. `None` is a text of which nobody knows; of
    /// one that is in a language without stems, nobody knows them either.
    pub(crate) fn of<'a>(tag: Option<&str>, words: impl Iterator<Item = &'a Word>) -> Self {
        let known = tag.filter(|tag| !tag.is_empty());
        if let Some(tag) = known {
            return Self::new(Language::of(tag), Language::of(tag).as_slice());
        }
        let mut counts = [0; USUAL.len()];
        for languages in words.take(SAMPLE).filter_map(|word| little_words().get(word.folded.as_str())) {
            for (place, count) in counts.iter_mut().enumerate() {
                *count += usize::from(languages >> place & 1);
            }
        }
        let most = counts.iter().copied().max().unwrap_or_default();
        let best = counts.iter().position(|count| *count == most && most > 0).map(|place| USUAL[place].0);
        match best {
            Some(best) if most >= EVIDENCE => Self::new(Some(best), &[best]),
            _ => Self::new(best, &USUAL.map(|(language, _)| language)),
        }
    }

    fn new(first: Option<Language>, all: &[Language]) -> Self {
        Self { all: all.iter().map(|language| (*language, Stemmer::new(language.0))).collect(), first }
    }

    /// Whether the word says nothing about what a text is about.
    pub(crate) fn is_little(&self, folded: &str) -> bool {
        let place = self.first.and_then(|first| USUAL.iter().position(|(language, _)| *language == first));
        let languages = little_words().get(folded).copied().unwrap_or_default();
        place.is_some_and(|place| languages >> place & 1 == 1)
    }

    /// The stems of a word, each once, folded as words are.
    pub(crate) fn stems(&self, word: &Word, mut take: impl FnMut(&str)) {
        // Numbers have no stems, and neither have words that nobody would write in these languages.
        if word.folded.bytes().any(|byte| byte.is_ascii_digit()) {
            return;
        }
        let mut taken: Vec<String> = Vec::new();
        for (_, stemmer) in &self.all {
            for form in std::iter::once(&word.folded).chain(&word.accented) {
                let stem = stemmer.stem(form);
                let stem = if stem.is_ascii() { stem.into_owned() } else { refold(&stem) };
                if !stem.is_empty() && !taken.contains(&stem) {
                    take(&stem);
                    taken.push(stem);
                }
            }
        }
    }
}

fn refold(stem: &str) -> String {
    crate::words::words(stem).next().map(|word| word.folded).unwrap_or_default()
}

/// Each little word, with a bit for every language in which it is one.
fn little_words() -> &'static HashMap<&'static str, u8> {
    static WORDS: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
        let mut words = HashMap::new();
        for (place, (_, list)) in USUAL.iter().enumerate() {
            list.split_whitespace().for_each(|word| *words.entry(word).or_default() |= 1 << place);
        }
        words
    });
    &WORDS
}

#[cfg(test)]
mod tests {
    use super::Languages;
    use crate::words::{Word, words};

    fn languages(tag: Option<&str>, text: &str) -> Languages {
        let words: Vec<Word> = words(text).collect();
        Languages::of(tag, words.iter())
    }

    fn stems(languages: &Languages, word: &str) -> Vec<String> {
        let mut stems = Vec::new();
        languages.stems(&words(word).next().expect("a word"), |stem| stems.push(stem.to_owned()));
        stems
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for (tag, one, other) in [
            ("en", "refunds", "refunded"),
            ("de", "Rechnungen", "Rechnung"),
            ("fr", "remboursements", "remboursement"),
            ("es", "devoluciones", "devolución"),
            ("pt-BR", "pagamentos", "pagamento"),
        ] {
            let languages = languages(Some(tag), "");
            let (one, other) = (stems(&languages, one), stems(&languages, other));
            assert!(one.iter().any(|stem| other.contains(stem)), "{tag}: {one:?} {other:?}");
        }
    }

    #[test]
    fn a_text_tells_its_language() {
        for (text, little, other) in [
            ("How do I get my money back?", "how", "wie"),
            ("Wie bekomme ich mein Geld zurück?", "wie", "how"),
            ("Comment est-ce que je peux payer ?", "comment", "how"),
            ("¿Cómo puedo pagar con tarjeta?", "como", "wie"),
        ] {
            let languages = languages(None, text);
            assert!(languages.is_little(little) && !languages.is_little(other), "{text}");
            assert_eq!(languages.all.len(), 1, "{text}");
        }
    }

    #[test]
    fn a_few_words_may_be_of_any_language() {
        let languages = languages(None, "battery Rechnungen");
        assert!(stems(&languages, "batteries").contains(&"batteri".to_owned()));
        assert!(stems(&languages, "Rechnungen").contains(&"rechnung".to_owned()));
        assert!(!languages.is_little("die"));
    }

    #[test]
    fn a_language_without_stems_has_none() {
        assert_eq!(stems(&languages(Some("ja"), ""), "parcels"), Vec::<String>::new());
    }
}

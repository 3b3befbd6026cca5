//! The numbers that a memory is ranked by, and what each counts.

/// One of the numbers of a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// How often the words of the question stand in it, for its length (BM25+).
    Bm25,
    /// Which part of the question it holds, in the same or in related words.
    Cover,
    /// What the memories before it in its session hold of the question, and it does not.
    Before,
    /// What those after it hold, and neither it nor those before it do.
    After,
    /// Cosine of its vector and the question's, both less the mean of the partition.
    Vector,
    /// Logarithm of its length.
    Length,
    /// The part of that logarithm above 3.5.
    Long,
    /// 1 if the question names its speaker and no other.
    Speaker,
    /// 1 if the assistant said it.
    Assistant,
    /// The same, if the question asks for what the assistant said.
    AssistantAsked,
    /// How near its date is to the time that the question names: the nearer one of when it was said
    /// and when what it tells happened.
    Date,
    /// How useful it is on its own.
    Worth,
}

/// All numbers, in the order of [`Weights`].
pub const NUMBERS: [Number; 12] = [
    Number::Bm25,
    Number::Cover,
    Number::Before,
    Number::After,
    Number::Vector,
    Number::Length,
    Number::Long,
    Number::Speaker,
    Number::Assistant,
    Number::AssistantAsked,
    Number::Date,
    Number::Worth,
];

impl Number {
    /// Its name in explanations and weights.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bm25 => "bm25",
            Self::Cover => "cover",
            Self::Before => "before",
            Self::After => "after",
            Self::Vector => "vector",
            Self::Length => "length",
            Self::Long => "long",
            Self::Speaker => "speaker",
            Self::Assistant => "assistant",
            Self::AssistantAsked => "assistant_asked",
            Self::Date => "date",
            Self::Worth => "worth",
        }
    }

    /// The number of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        NUMBERS.into_iter().find(|number| number.name() == name)
    }
}

/// What each number counts in the sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights([f32; NUMBERS.len()]);

impl Default for Weights {
    /// Fitted on chats, assistant sessions, scenes, meetings, short facts, abstracts and paragraphs.
    fn default() -> Self {
        Self([
            4.1, 4.9, 6.4, 4.6, 3.1, 0.91, -1.5, 1.3, -3.0, 3.0, 6.5, 0.5,
        ])
    }
}

impl Weights {
    /// The weight of a number.
    #[must_use]
    pub fn of(&self, number: Number) -> f32 {
        self.0[number as usize]
    }

    /// The same weights with another one for a number.
    #[must_use]
    pub fn with(mut self, number: Number, weight: f32) -> Self {
        self.0[number as usize] = weight;
        self
    }
}

/// The numbers of one memory.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Numbers([f32; NUMBERS.len()]);

impl Numbers {
    /// The value of a number.
    #[must_use]
    pub fn of(&self, number: Number) -> f32 {
        self.0[number as usize]
    }

    pub(crate) fn set(&mut self, number: Number, value: f32) {
        self.0[number as usize] = value;
    }

    /// Number × weight of each.
    pub fn parts(&self, weights: &Weights) -> impl Iterator<Item = (Number, f32)> {
        let pairs = self.0.into_iter().zip(weights.0);
        NUMBERS
            .into_iter()
            .zip(pairs.map(|(value, weight)| value * weight))
    }
}

//! What a word can say about time.

/// A length of time that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Day,
    Week,
    Weekend,
    Month,
    Year,
}

/// The meaning of a word, phrase or sign for the time of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Nothing; ends every expression.
    Other,
    /// A number and of how many digits it is written; 0 digits: a word.
    Number(i32, usize),
    /// A word for a day of a month.
    Ordinal(u8),
    Month(u8),
    /// A month only beside a day or a year: an abbreviation, or a word with another meaning.
    ShortMonth(u8),
    /// Counted from Monday, 0.
    Weekday(u8),
    /// Counted from spring, 0, as in the northern half of the earth.
    Season(u8),
    Length(Unit),
    /// The sign behind the number of a year, month or day in Chinese and Japanese.
    Mark(Unit),
    /// A date of digits: year, month and, if not 0, day.
    Date(i32, u8, u8),
    /// The first year of ten.
    Decade(i32),
    /// A whole unit, so many after the one of the reference day.
    Period(Unit, i32),
    Last,
    This,
    Next,
    /// "the past month": up to the reference day.
    Past,
    /// "two days ago".
    Ago,
    /// Before its number: "vor zwei Tagen".
    AgoBefore,
    From,
    /// From a day to the reference day.
    Since,
    Between,
    To,
    And,
    Dash,
    Of,
    Article,
    /// Before a weekday: "on Monday".
    On,
    /// Before a month or season: "in May".
    In,
}

impl Sense {
    /// Whether a word with this meaning can make a question ask for a time without digits.
    pub(super) fn is_timely(self) -> bool {
        matches!(
            self,
            Self::Month(_)
                | Self::ShortMonth(_)
                | Self::Weekday(_)
                | Self::Season(_)
                | Self::Length(_)
                | Self::Period(..)
        )
    }
}

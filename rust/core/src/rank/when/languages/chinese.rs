//! Chinese, in simplified and traditional signs.

use crate::rank::when::sense::Sense::{
    self, Ago, From, Length, Mark, Number, Of, Other, Past, Period, Season, To, Weekday,
};
use crate::rank::when::sense::Unit;

pub(in crate::rank::when) const WORDS: &[(Sense, &str)] = &[
    (Weekday(0), "周一 週一 星期一 礼拜一 禮拜一"),
    (Weekday(1), "周二 週二 星期二 礼拜二 禮拜二"),
    (Weekday(2), "周三 週三 星期三 礼拜三 禮拜三"),
    (Weekday(3), "周四 週四 星期四 礼拜四 禮拜四"),
    (Weekday(4), "周五 週五 星期五 礼拜五 禮拜五"),
    (Weekday(5), "周六 週六 星期六 礼拜六 禮拜六"),
    (Weekday(6), "周日 週日 星期日 星期天 礼拜天 禮拜天"),
    (Season(0), "春天 春季"),
    (Season(1), "夏天 夏季"),
    (Season(2), "秋天 秋季"),
    (Season(3), "冬天 冬季"),
    (Mark(Unit::Year), "年"),
    (Mark(Unit::Month), "月 月份"),
    (Mark(Unit::Day), "日 号 號"),
    (Length(Unit::Day), "天"),
    (
        Length(Unit::Week),
        "周 週 星期 个星期 個星期 礼拜 禮拜 个礼拜 個禮拜",
    ),
    (Length(Unit::Weekend), "周末 週末"),
    (Length(Unit::Month), "个月 個月"),
    (Period(Unit::Day, 0), "今天 今日 今晚 今早"),
    (Period(Unit::Day, -1), "昨天 昨日 昨晚"),
    (Period(Unit::Day, -2), "前天"),
    (Period(Unit::Day, -3), "大前天"),
    (Period(Unit::Day, 1), "明天 明日 明晚"),
    (Period(Unit::Day, 2), "后天 後天"),
    (
        Period(Unit::Week, -2),
        "上上周 上上週 上上星期 上上个星期 上上個星期",
    ),
    (
        Period(Unit::Week, -1),
        "上周 上週 上星期 上个星期 上個星期 上礼拜 上禮拜 上个礼拜 上個禮拜",
    ),
    (
        Period(Unit::Week, 0),
        "这周 這週 本周 本週 这星期 這星期 这个星期 這個星期 这礼拜 這禮拜",
    ),
    (
        Period(Unit::Week, 1),
        "下周 下週 下星期 下个星期 下個星期 下礼拜 下禮拜",
    ),
    (Period(Unit::Weekend, -1), "上周末 上週末 上个周末 上個週末"),
    (
        Period(Unit::Weekend, 0),
        "这周末 這週末 这个周末 這個週末 本周末 本週末",
    ),
    (Period(Unit::Weekend, 1), "下周末 下週末 下个周末 下個週末"),
    (Period(Unit::Month, -1), "上个月 上個月 上月"),
    (Period(Unit::Month, 0), "这个月 這個月 本月"),
    (Period(Unit::Month, 1), "下个月 下個月 下月"),
    (Period(Unit::Year, -2), "前年"),
    (Period(Unit::Year, -1), "去年"),
    (Period(Unit::Year, 0), "今年"),
    (Period(Unit::Year, 1), "明年"),
    (Past, "过去 過去 最近 这 這 近"),
    (Ago, "前 以前 之前"),
    (To, "到 至"),
    (Of, "的"),
    (From, "从 從"),
    (Number(3, 0), "几 幾"),
    (Other, "一起 一样 一樣 一直 一定 一些 一点 一點"),
];

//! Dot products, by the widest instructions the machine has.
//!
//! [`best`] picks an implementation once, at run time. All of them sum a row in the same order
//! wherever it lies, so a kernel gives a row the same bits alone ([`Kernel::dot`]) and in a scan
//! ([`Kernel::dot_rows`]). Different kernels differ in the last bits.

#[macro_use]
mod body;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod codes;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;

use std::sync::OnceLock;

pub use codes::{CODE_MAX, dot_codes, dot_codes_at, dot_codes_pair, dot_codes_plain, query_max};

use crate::error::{Error, Result};

/// The shortest vector that is comparable in f32.
const SHORTEST: f64 = 1e-15;

/// The longest vector that is comparable in f32.
const LONGEST: f64 = 1e15;

/// One implementation of the dot products.
///
/// Values exist only for instructions that the running machine has.
#[derive(Debug)]
pub struct Kernel {
    name: &'static str,
    dot: unsafe fn(&[f32], &[f32]) -> f32,
    dot_rows: unsafe fn(&[f32], &[f32], &mut [f32]),
}

impl Kernel {
    /// What it is built on, such as `avx2`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The dot product of two vectors; of the common length, if they differ.
    #[must_use]
    #[inline]
    pub fn dot(&self, a: &[f32], b: &[f32]) -> f32 {
        debug_assert_eq!(a.len(), b.len(), "vectors of one length");
        let dim = a.len().min(b.len());
        // SAFETY: `available` gives out a kernel only after it detected the instructions it uses.
        unsafe { (self.dot)(&a[..dim], &b[..dim]) }
    }

    /// The dot product of the query with every row of `rows`, which lie one after another.
    ///
    /// Entries of `out` beyond the rows become 0.
    #[inline]
    pub fn dot_rows(&self, query: &[f32], rows: &[f32], out: &mut [f32]) {
        debug_assert_eq!(query.len() * out.len(), rows.len(), "one result per row");
        let dim = query.len();
        let count = rows.len().checked_div(dim).unwrap_or(0).min(out.len());
        let (filled, beyond) = out.split_at_mut(count);
        beyond.fill(0.0);
        // SAFETY: `available` gives out a kernel only after it detected the instructions it uses.
        unsafe { (self.dot_rows)(query, &rows[..count * dim], filled) }
    }
}

/// The fastest kernel of this machine.
#[must_use]
pub fn best() -> &'static Kernel {
    static BEST: OnceLock<&'static Kernel> = OnceLock::new();
    BEST.get_or_init(|| available().first().copied().unwrap_or(&scalar::KERNEL))
}

/// All kernels of this machine, fastest first.
#[must_use]
pub fn available() -> Vec<&'static Kernel> {
    let mut kernels: Vec<&'static Kernel> = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            kernels.push(&avx512::KERNEL);
        }
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
        {
            kernels.push(&avx2::KERNEL);
        }
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("neon") {
        kernels.push(&neon::KERNEL);
    }
    kernels.push(&scalar::KERNEL);
    kernels
}

/// The kernel that needs no special instructions.
#[must_use]
pub fn scalar() -> &'static Kernel {
    &scalar::KERNEL
}

/// The Euclidean norm, summed in f64.
#[must_use]
pub fn norm(v: &[f32]) -> f64 {
    let (chunks, tail) = v.as_chunks::<8>();
    let mut lanes = [0.0_f64; 8];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += f64::from(*value) * f64::from(*value);
        }
    }
    let tail: f64 = tail
        .iter()
        .map(|value| f64::from(*value) * f64::from(*value))
        .sum();
    (lanes.iter().sum::<f64>() + tail).sqrt()
}

/// The inverse norm of a vector that can be stored and compared.
///
/// `index` is its position in the batch, for the error.
pub fn check(index: usize, v: &[f32], dim: usize) -> Result<f32> {
    if v.len() != dim {
        return Err(Error::Dimension {
            want: dim,
            got: v.len(),
        });
    }
    let length = norm(v);
    if (SHORTEST..=LONGEST).contains(&length) {
        return Ok((1.0 / length) as f32);
    }
    let problem = if let Some(at) = v.iter().position(|value| !value.is_finite()) {
        let what = if v[at].is_nan() { "NaN" } else { "infinite" };
        format!("component {at} is {what}; every component must be a finite number")
    } else if length == 0.0 {
        "all components are zero, so it has no direction to compare".to_owned()
    } else {
        format!("its norm is {length:e}, outside {SHORTEST:e} to {LONGEST:e}; scale it to length 1")
    };
    Err(Error::Vector { index, problem })
}

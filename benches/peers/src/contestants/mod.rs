//! The contestants, one file each; the rules that they run are in `programs/`.

#[cfg(feature = "cel")]
pub(crate) mod cel;
#[cfg(any(feature = "cel", feature = "zen"))]
mod expressions;
pub(crate) mod hand;
#[cfg(any(feature = "luajit", feature = "lua54"))]
pub(crate) mod lua;
pub(crate) mod marks;
#[cfg(feature = "quickjs")]
pub(crate) mod quickjs;
#[cfg(feature = "regorus")]
pub(crate) mod rego;
#[cfg(feature = "rhai")]
pub(crate) mod rhai;
pub(crate) mod ringfence;
#[cfg(feature = "roto")]
pub(crate) mod roto;
#[cfg(feature = "wasm")]
pub(crate) mod wasm;
#[cfg(feature = "zen")]
pub(crate) mod zen;

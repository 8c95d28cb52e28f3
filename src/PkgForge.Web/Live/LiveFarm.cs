using PkgForge.Registry;
using PkgForge.Spool;
using PkgForge.Web.Logs;

namespace PkgForge.Web.Live;

/// <summary>What feeds look at.</summary>
internal sealed record LiveFarm(
    IRegistry Registry,
    SpoolDirectories Spool,
    TimeProvider Time,
    LogIndexes Indexes,
    LogWatch Watch
);

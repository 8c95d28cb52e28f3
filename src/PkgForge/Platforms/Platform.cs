using PkgForge.Sources;

namespace PkgForge.Platforms;

/// <summary>A platform as the registry knows it. It is never removed, only deactivated.</summary>
/// <param name="Key">Name and architecture.</param>
/// <param name="Format">The family of source packages that it builds.</param>
/// <param name="Active">Tasks may be made for it.</param>
/// <param name="Auto">It belongs to the set that a job gets which asks for no platform.</param>
public sealed record Platform(PlatformKey Key, PackageFormat Format, bool Active, bool Auto);

namespace PkgForge.Registry.Builders;

/// <summary>A buildd may not run under the name that it was given; the message says why, and what to do.</summary>
public sealed class BuilderRefusedException(string message) : Exception(message);

/// <summary>The task is no longer this builder's: it throws its work away, and nothing of it is kept.</summary>
public sealed class LeaseLostException(string message) : Exception(message);

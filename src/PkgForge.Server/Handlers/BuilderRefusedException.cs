namespace PkgForge.Server.Handlers;

/// <summary>A buildd may not run under the name that it was given; the message says why, and what to do.</summary>
public sealed class BuilderRefusedException(string message) : Exception(message);

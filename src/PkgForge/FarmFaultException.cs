namespace PkgForge;

/// <summary>
/// The farm failed: a tool is missing, a disk is full, a mirror does not answer, a root could not be made. Never the
/// verdict on a package: the task goes back, to another builder if there is one (DESIGN 4).
/// </summary>
public sealed class FarmFaultException(string message, Exception? inner = null) : Exception(message, inner);

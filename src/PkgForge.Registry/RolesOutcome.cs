namespace PkgForge.Registry;

/// <summary>What became of making the roles of a farm in its database server.</summary>
/// <param name="Made">Names of the roles that were missing and were made.</param>
/// <param name="ToRun">Statements for somebody who may make roles, where this user may not; empty when none is missing.</param>
public sealed record RolesOutcome(IReadOnlyList<string> Made, IReadOnlyList<string> ToRun);

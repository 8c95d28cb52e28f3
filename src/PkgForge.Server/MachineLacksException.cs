namespace PkgForge.Server;

/// <summary>
/// This machine lacks what a task needs: room, a tool, a recipe. Another builder may have it: the task goes back, and that costs it nothing.
/// </summary>
public sealed class MachineLacksException(string message) : Exception(message);

namespace PkgForge.Server.Configuration;

/// <summary>The configuration cannot be used: the message names the file, the key and what was expected. Exit code 3.</summary>
public sealed class ConfigurationException(string message) : Exception(message);

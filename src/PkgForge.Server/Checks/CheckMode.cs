namespace PkgForge.Server.Checks;

public enum CheckMode
{
    Off,
    Inform,
    Gate,
}

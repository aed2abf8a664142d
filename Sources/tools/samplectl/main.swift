import Events

Program.exit(Main.run(Array(CommandLine.arguments.dropFirst())))
